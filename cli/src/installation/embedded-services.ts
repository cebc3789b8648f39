import type { Writable } from "node:stream";
import { fraudService } from "@kassa/fraud/service";
import { loadConfig } from "@kassa/platform/config";
import { createProbeServer } from "@kassa/platform/http";
import { createLogger, logSettings } from "@kassa/platform/log";
import { startProcessMetrics } from "@kassa/platform/metrics";
import { type RunningService, type Service, startService } from "@kassa/platform/runtime";
import { startTelemetry, telemetrySettings } from "@kassa/platform/telemetry";
import { transactionsService } from "@kassa/transactions/service";
import Type, { type TObject } from "typebox";
import { type Env, fraudEnvironment, transactionsEnvironment, type Wiring } from "./environments.ts";
import { HOST } from "./free-port.ts";

export type EmbeddedServices = {
  /** In the order of their start: the last one is to be stopped first. */
  readonly running: readonly RunningService[];
  readonly probesUrl: string;
  /** What is left to stop after the services. */
  readonly stops: readonly (() => Promise<void>)[];
};

const settings = Type.Object({
  ...logSettings,
  ...telemetrySettings,
  PROBE_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 0,
    description: "port of probes and metrics; 0: any free one",
  }),
});

/**
 * Other than in a cluster, where the defaults hold: what ends here is started again within a second or two, so an open breaker soon lets
 * a call through.
 */
const localFigures: Env = { ACQUIRER_BREAKER_RESET_MS: "2000", FRAUD_BREAKER_RESET_MS: "2000" };

/** Begins to start the services in this process, with probes and metrics for all of them. */
export async function startEmbeddedServices(
  wiring: Wiring,
  env: Env,
  destination: Writable,
): Promise<EmbeddedServices> {
  const config = loadConfig(settings, env);
  const telemetry = startTelemetry({ service: "kassa", config });
  startProcessMetrics();
  const start = <S extends TObject>(service: Service<S>, own: Env) =>
    startService(service, {
      env: { ...localFigures, ...env, ...own },
      log: createLogger({ service: service.name, level: config.LOG_LEVEL, destination }),
    });
  const running = [
    start(fraudService, fraudEnvironment(wiring)),
    start(transactionsService, transactionsEnvironment(wiring)),
  ];
  const probes = createProbeServer({
    host: HOST,
    port: config.PROBE_PORT,
    isStarted: () => running.every((service) => service.isStarted()),
    isReady: () => running.every((service) => service.isReady()),
    checks: () => running.flatMap((service) => service.checks()),
  });
  await probes.start();
  return {
    running,
    probesUrl: `http://${HOST}:${probes.port}`,
    stops: [() => telemetry.shutdown(), () => probes.close()],
  };
}
