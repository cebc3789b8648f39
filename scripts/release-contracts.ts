/**
 * Keeps the schemas of this release's events in packages/contracts/released/payment-events.json; the tests compare every
 * later state of the schemas with them. Run once a release, before its tag. Refuses what the last release's events or
 * consumers could not live with.
 *
 *     node scripts/release-contracts.ts
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EventSchemas, incompatibilities } from "@kassa/contracts/incompatibilities";
import { paymentEventSchemas } from "@kassa/contracts/payment-events";

const root = new URL("../", import.meta.url);
const target = fileURLToPath(new URL("packages/contracts/released/payment-events.json", root));

const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { version: string };
const schemas = JSON.parse(JSON.stringify(paymentEventSchemas)) as EventSchemas;
const faults = incompatibilities(releasedSchemas(), schemas);
if (faults.length > 0) {
  console.error(`These changes need a new event type:\n${faults.map((fault) => `  ${fault}\n`).join("")}`);
  process.exit(1);
}
writeFileSync(target, `${JSON.stringify({ release: version, events: schemas }, undefined, 2)}\n`);
execFileSync(fileURLToPath(new URL("node_modules/.bin/biome", root)), ["format", "--write", target], {
  stdio: "ignore",
});
console.log(`${Object.keys(schemas).length} event types of release ${version} are in ${target}`);

function releasedSchemas(): EventSchemas {
  if (!existsSync(target)) return {};
  return (JSON.parse(readFileSync(target, "utf8")) as { events: EventSchemas }).events;
}
