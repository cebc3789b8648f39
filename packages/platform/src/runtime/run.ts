import type { TObject } from "typebox";
import { ConfigError, type Env, loadConfig } from "../config/index.ts";
import { createProbeServer } from "../http/index.ts";
import { createLogger, type Logger } from "../log/index.ts";
import { startProcessMetrics } from "../metrics/index.ts";
import { startTelemetry } from "../telemetry/index.ts";
import type { RunningService, Service } from "./service.ts";
import { serviceConfigSchema } from "./settings.ts";
import { type RuntimeConfig, startService } from "./start-service.ts";

/**
 * Runs a service as this process: reads the environment, starts it, drains it on SIGTERM or SIGINT, and exits with 0 after a clean drain and
 * 1 otherwise. A second signal exits at once. An error nobody caught is logged and drains too: the state it left behind is not to be trusted.
 */
export async function run<S extends TObject>(service: Service<S>, env: Env = process.env): Promise<void> {
  const config = readConfig(service, env);
  const role = config.ROLES?.join("+");
  const named = { service: service.name, ...(role === undefined ? {} : { role }) };
  const log = createLogger({ ...named, level: config.LOG_LEVEL });
  const telemetry = startTelemetry({ ...named, config });
  startProcessMetrics();
  const running = startService(service, { env, log });
  const probes = createProbeServer({
    host: config.PROBE_HOST,
    port: config.PROBE_PORT,
    isStarted: () => running.isStarted(),
    isReady: () => running.isReady(),
    checks: () => running.checks(),
  });
  const end = endOnce(running, log, async () => {
    await telemetry.shutdown();
    await probes.close();
  });
  drainOnSignals(end, log);
  drainOnUncaught(end, log);
  try {
    await probes.start();
    await running.ready;
    log.info({ probe_port: probes.port }, "started");
  } catch (error) {
    log.fatal({ err: error }, "could not start");
    await end(1);
  }
}

/** The configuration, or the end of the process with every fault on standard error. */
function readConfig<S extends TObject>(service: Service<S>, env: Env): RuntimeConfig {
  try {
    return loadConfig(serviceConfigSchema(service), env) as unknown as RuntimeConfig;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${service.name}: ${error.message}\n`);
    process.exit(1);
  }
}

type End = (exitCode: 0 | 1) => Promise<void>;

/** Drains and exits; the first call decides, and a failure that comes during the drain makes its exit code 1. */
function endOnce(running: RunningService, log: Logger, closeProcess: () => Promise<void>): End {
  let exitCode: 0 | 1 = 0;
  let ending: Promise<void> | undefined;
  const drainAndExit = async () => {
    const isClean = await running.stop();
    await closeProcess().catch((error: unknown) => log.error({ err: error }, "the process did not close cleanly"));
    if (!isClean) exitCode = 1;
    log.info({ exit_code: exitCode }, "stopped");
    process.exit(exitCode);
  };
  return (code) => {
    if (code === 1) exitCode = 1;
    ending ??= drainAndExit();
    return ending;
  };
}

function drainOnSignals(end: End, log: Logger): void {
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(1);
      log.info({ signal }, "draining");
      void end(0);
    });
  }
}

function drainOnUncaught(end: End, log: Logger): void {
  process.on("uncaughtException", (error, origin) => {
    log.fatal({ err: error, origin }, "an error that nobody caught");
    void end(1);
  });
}
