import assert from "node:assert/strict";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { inSpan, startTelemetry } from "@kassa/platform/telemetry";

/** A collector as far as the wire is concerned: it takes gRPC's unary Export and keeps what it was sent. */
let collector: Http2Server;
const received: { path: string; bytes: Buffer }[] = [];

before(async () => {
  collector = createServer();
  collector.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      received.push({ path: String(headers[":path"]), bytes: Buffer.concat(chunks) });
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.alloc(5));
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
});

after(() => collector.close());

describe("startTelemetry", () => {
  it("sends spans by OTLP/gRPC to the endpoint and flushes them on shutdown", async () => {
    const { port } = collector.address() as AddressInfo;
    const config = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_TRACES_SAMPLER_ARG: 1 };
    const telemetry = startTelemetry({ service: "transactions", config });
    inSpan("capture pay_1", {}, () => {});
    await telemetry.shutdown();
    assert.equal(received[0]?.path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    const text = received[0]?.bytes.toString("latin1") ?? "";
    assert.match(text, /capture pay_1/);
    assert.match(text, /kassa-transactions/);
  });

  it("gives up on a collector that is away, without an error and within its bound", async () => {
    const config = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_TRACES_SAMPLER_ARG: 1 };
    const telemetry = startTelemetry({ service: "transactions", config });
    inSpan("lost", {}, () => {});
    const startMs = performance.now();
    await telemetry.shutdown();
    assert.ok(performance.now() - startMs < 6_000);
  });
});
