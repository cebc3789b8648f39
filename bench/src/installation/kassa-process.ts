/** Fraud and transactions with all roles in this one process, wired as `kassa start` wires them. */
import { startEmbeddedServices } from "@kassa/cli/installation/embedded-services";
import { readWiring } from "./wiring.ts";

const { running, stops } = await startEmbeddedServices(readWiring(process.env), process.env, process.stdout);
process.once("SIGTERM", async () => {
  const cleanly = [];
  for (const service of running.toReversed()) cleanly.push(await service.stop());
  for (const stop of stops) await stop();
  process.exit(cleanly.every(Boolean) ? 0 : 1);
});
await Promise.all(running.map((service) => service.ready));
