import { AsyncLocalStorage } from "node:async_hooks";
import type { Span } from "@opentelemetry/api";
import { newSpanId, newTraceId } from "./trace-ids.ts";

/** Where in which trace the running code is. Follows promises and callbacks. */
export type ActiveTrace = {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  /** The recorded span; undefined while telemetry is off or the trace began elsewhere. */
  readonly span: Span | undefined;
};

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

const storage = new AsyncLocalStorage<ActiveTrace>();

export function activeTrace(): ActiveTrace | undefined {
  return storage.getStore();
}

/** Runs fn inside a trace. */
export function withTrace<T>(trace: ActiveTrace, fn: () => T): T {
  return storage.run(trace, fn);
}

/** The active trace as a W3C `traceparent` (version 00), or undefined outside every trace. */
export function currentTraceparent(): string | undefined {
  const trace = storage.getStore();
  if (trace === undefined) return undefined;
  return `00-${trace.traceId}-${trace.spanId}-${trace.isSampled ? "01" : "00"}`;
}

/** Runs fn inside the trace that a stored or received `traceparent` names; without a valid one, in the trace that is active now. */
export function withTraceparent<T>(traceparent: string | undefined, fn: () => T): T {
  const trace = parseTraceparent(traceparent);
  return trace === undefined ? fn() : storage.run(trace, fn);
}

/** The place in a trace that a `traceparent` names (W3C Trace Context, section 3.2), or undefined when it is not valid. */
export function parseTraceparent(traceparent: string | undefined): ActiveTrace | undefined {
  if (traceparent === undefined) return undefined;
  const match = TRACEPARENT.exec(traceparent);
  if (match === null) return undefined;
  const [, traceId, spanId, flags] = match;
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, span: undefined };
}

/** A trace that begins here and is not recorded. */
export function newTrace(): ActiveTrace {
  return { traceId: newTraceId(), spanId: newSpanId(), isSampled: false, span: undefined };
}
