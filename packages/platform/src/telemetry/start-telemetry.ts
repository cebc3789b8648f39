import { createRequire } from "node:module";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import Type, { type Static } from "typebox";
import { setTracer } from "./in-span.ts";

/** The variables of telemetry; a service spreads them into its own schema or leaves them to the runtime. */
export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: "^https?://",
      description: "where traces go by OTLP/gRPC, e.g. http://localhost:4317; none: off",
    }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 1,
    description: "the share of traces that are recorded, among those that begin here",
  }),
};

const settingsSchema = Type.Object(telemetrySettings);

export type TelemetryOptions = {
  readonly service: string;
  readonly role?: string;
  readonly config: Static<typeof settingsSchema>;
  /** For tests: where spans go in place of OTLP. */
  readonly exporter?: SpanExporter;
};

export type Telemetry = {
  /** Sends what is queued, for at most 5 s, and stops recording. Never throws. */
  shutdown(): Promise<void>;
};

/** What waits for export is bounded: spans beyond it are dropped, never the work they describe. */
const QUEUE_SPANS = 4096;
const BATCH_SPANS = 512;
const EXPORT_EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;

const off: Telemetry = { shutdown: async () => {} };

/** Starts recording spans of this process when an endpoint is configured. Telemetry that fails never fails the work. */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const endpoint = options.config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporter = options.exporter ?? (endpoint === undefined ? undefined : otlpExporter(endpoint));
  if (exporter === undefined) return off;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": `kassa-${options.service}`,
      "service.namespace": "kassa",
      ...(options.role === undefined ? {} : { "kassa.role": options.role }),
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.config.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: QUEUE_SPANS,
        maxExportBatchSize: BATCH_SPANS,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  setTracer(provider.getTracer("kassa"));
  return { shutdown: () => shutDown(provider) };
}

async function shutDown(provider: TracerProvider): Promise<void> {
  setTracer(undefined);
  const { promise: bound, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, EXPORT_TIMEOUT_MS);
  await Promise.race([provider.shutdown().catch(() => {}), bound]);
  clearTimeout(timer);
}

// gRPC is hundreds of modules: loaded by who sends traces, and not at every start.
function otlpExporter(url: string): SpanExporter {
  const load = createRequire(import.meta.url);
  const { OTLPTraceExporter } = load(
    "@opentelemetry/exporter-trace-otlp-grpc",
  ) as typeof import("@opentelemetry/exporter-trace-otlp-grpc");
  return new OTLPTraceExporter({ url });
}
