export type { Span } from "@opentelemetry/api";
export { SpanKind, SpanStatusCode } from "@opentelemetry/api";
export { activeTrace, currentTraceparent, withTraceparent } from "./active-trace.ts";
export { inSpan, type SpanOptions } from "./in-span.ts";
export { startTelemetry, type Telemetry, type TelemetryOptions, telemetrySettings } from "./start-telemetry.ts";
