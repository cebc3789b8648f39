import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { activeTrace, currentTraceparent, inSpan, startTelemetry, type Telemetry, withTraceparent } from "./index.ts";

const INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

describe("without an endpoint", () => {
  it("a span still has a valid trace to hand on, one for all that happens inside", async () => {
    await inSpan("request", {}, async (span) => {
      assert.equal(span.isRecording(), false);
      const outer = currentTraceparent();
      assert.match(outer ?? "", /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
      await sleep(1);
      assert.equal(inSpan("inner", {}, currentTraceparent), outer);
    });
    assert.equal(currentTraceparent(), undefined);
  });

  it("two requests have two traces", () => {
    assert.notEqual(inSpan("a", {}, currentTraceparent), inSpan("a", {}, currentTraceparent));
  });

  it("a traceparent that came in is carried on unchanged", () => {
    assert.equal(inSpan("request", { parent: INCOMING }, currentTraceparent), INCOMING);
  });

  it("a stored traceparent joins its trace again, an invalid one changes nothing", () => {
    assert.equal(withTraceparent(INCOMING, currentTraceparent), INCOMING);
    const invalid = [
      undefined,
      "",
      "nonsense",
      `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      `00-${TRACE_ID}-${"0".repeat(16)}-01`,
      `ff-${TRACE_ID}-b7ad6b7169203331-01`,
      INCOMING.toUpperCase(),
    ];
    for (const traceparent of invalid) assert.equal(withTraceparent(traceparent, currentTraceparent), undefined);
  });

  it("a span costs less than 3 µs", () => {
    const spans = 100_000;
    const cost = () => {
      const startMs = performance.now();
      for (let n = 0; n < spans; n += 1) inSpan("request", { kind: SpanKind.SERVER }, activeTrace);
      return ((performance.now() - startMs) / spans) * 1000;
    };
    cost();
    // The best of three: other processes share the machine.
    const costUs = Math.min(cost(), cost(), cost());
    assert.ok(costUs < 3, `${costUs.toFixed(2)} µs`);
  });
});

describe("with an exporter", () => {
  let telemetry: Telemetry;

  afterEach(() => telemetry.shutdown());

  async function record(work: () => unknown, ratio = 1) {
    const exporter = new InMemorySpanExporter();
    // What was recorded is gone after shutdown, so it is kept when it is exported.
    const spans: ReturnType<InMemorySpanExporter["getFinishedSpans"]> = [];
    const send = exporter.export.bind(exporter);
    exporter.export = (batch, done) => {
      spans.push(...batch);
      send(batch, done);
    };
    telemetry = startTelemetry({
      service: "transactions",
      role: "api",
      config: { OTEL_TRACES_SAMPLER_ARG: ratio },
      exporter,
    });
    await work();
    await telemetry.shutdown();
    return spans;
  }

  it("spans are recorded under their parents, with kind, attributes and the service", async () => {
    const spans = await record(() =>
      inSpan("POST /v1/payments", { kind: SpanKind.SERVER, attributes: { a: 1 }, parent: INCOMING }, async () => {
        await sleep(1);
        await inSpan("insert", {}, async () => {});
      }),
    );
    const [inner, outer] = spans;
    assert.deepEqual([inner?.name, outer?.name], ["insert", "POST /v1/payments"]);
    assert.equal(outer?.spanContext().traceId, TRACE_ID);
    assert.equal(outer?.parentSpanContext?.spanId, "b7ad6b7169203331");
    assert.equal(inner?.parentSpanContext?.spanId, outer?.spanContext().spanId);
    assert.equal(outer?.kind, SpanKind.SERVER);
    assert.deepEqual(outer?.attributes, { a: 1 });
    assert.equal(outer?.resource.attributes["service.name"], "kassa-transactions");
    assert.equal(outer?.resource.attributes["kassa.role"], "api");
  });

  it("an error marks its span and goes on, without the card number in its message", async () => {
    const spans = await record(async () => {
      await assert.rejects(inSpan("charge", {}, async () => Promise.reject(new Error("refused 4242424242424242"))));
      assert.throws(
        () =>
          inSpan("sync", {}, () => {
            throw new Error("no");
          }),
        /no/,
      );
    });
    assert.deepEqual(
      spans.map((span) => span.status.code),
      [SpanStatusCode.ERROR, SpanStatusCode.ERROR],
    );
    assert.doesNotMatch(JSON.stringify(spans[0]?.events) + spans[0]?.status.message, /4242424242424242/);
  });

  it("a trace that came unsampled stays so, and the ratio decides about new ones", async () => {
    const unsampled = INCOMING.replace(/01$/, "00");
    let carried: string | undefined;
    const spans = await record(() => {
      inSpan("a", { parent: unsampled }, () => {
        carried = currentTraceparent();
      });
      inSpan("b", {}, () => {});
    }, 0);
    assert.equal(spans.length, 0);
    assert.match(carried ?? "", new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
  });

  it("nothing is recorded after shutdown", async () => {
    await record(() => {});
    inSpan("late", {}, (span) => assert.equal(span.isRecording(), false));
  });
});
