import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace as traceApi,
} from "@opentelemetry/api";
import { scrub } from "../log/scrub.ts";
import { type ActiveTrace, activeTrace, newTrace, parseTraceparent, withTrace } from "./active-trace.ts";

export type SpanOptions = {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** A W3C traceparent that came with a request or a message. Without one the active trace goes on, or a new one begins. */
  readonly parent?: string | undefined;
};

const unrecorded = traceApi.wrapSpanContext(INVALID_SPAN_CONTEXT);

let tracer: Tracer | undefined;

/** Where spans go from now on; undefined means that they are not recorded. */
export function setTracer(next: Tracer | undefined): void {
  tracer = next;
}

/**
 * Runs fn in a span. While telemetry is off nothing is recorded, but the code inside still has a trace to name and to hand on.
 * A promise that fn returns ends the span when it settles; an error marks the span and goes on to the caller.
 */
export function inSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  if (tracer !== undefined) return inRecordedSpan(tracer, name, options, fn);
  const parent = parseTraceparent(options.parent);
  if (parent === undefined && activeTrace() !== undefined) return fn(unrecorded);
  return withTrace(parent ?? newTrace(), () => fn(unrecorded));
}

function inRecordedSpan<T>(by: Tracer, name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const parent = parseTraceparent(options.parent) ?? activeTrace();
  const { kind = SpanKind.INTERNAL, attributes = {} } = options;
  const span = by.startSpan(name, { kind, attributes }, contextOf(parent));
  const { traceId, spanId, traceFlags } = span.spanContext();
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return withTrace({ traceId, spanId, isSampled, span }, () => runAndEnd(span, fn));
}

function runAndEnd<T>(span: Span, fn: (span: Span) => T): T {
  let result: T;
  try {
    result = fn(span);
  } catch (error) {
    endFailed(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      endFailed(span, error);
      throw error;
    },
  ) as T;
}

function endFailed(span: Span, error: unknown): void {
  const name = error instanceof Error ? error.name : "Error";
  const message = scrub(error instanceof Error ? error.message : String(error));
  span.recordException({ name, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function contextOf(parent: ActiveTrace | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  if (parent.span !== undefined) return traceApi.setSpan(ROOT_CONTEXT, parent.span);
  return traceApi.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}
