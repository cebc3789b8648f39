import type { Writable } from "node:stream";
import pino from "pino";
import Type from "typebox";
import { activeTrace } from "../telemetry/active-trace.ts";
import { scrubLine } from "./scrub.ts";

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The variables of the log. */
export const logSettings = {
  LOG_LEVEL: Type.Enum([...LEVELS], { default: "info", description: "the least severe level that is written" }),
};

export type Logger = pino.Logger;

export type LoggerOptions = {
  readonly service: string;
  readonly role?: string;
  /** Default `info`. */
  readonly level?: (typeof LEVELS)[number];
  /** Default standard output, written synchronously: a line about a crash is not lost with it. */
  readonly destination?: Writable;
};

/** A logger of JSON lines with the service, its role and the active trace; card data and credentials are taken out of each line. */
export function createLogger(options: LoggerOptions): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level ?? "info",
    base: { service: options.service, ...(options.role === undefined ? {} : { role: options.role }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
    mixin: traceFields,
    hooks: { streamWrite: scrubLine },
  };
  return pino(settings, options.destination ?? pino.destination({ fd: 1, sync: true }));
}

function traceFields(): object {
  const trace = activeTrace();
  return trace === undefined ? {} : { trace_id: trace.traceId, span_id: trace.spanId };
}
