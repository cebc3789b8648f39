import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { metricsText } from "@kassa/platform/metrics";
import { createPool } from "@kassa/platform/postgres";
import { startTelemetry, type TelemetryOptions } from "@kassa/platform/telemetry";
import { Api, fresh, paymentBody, rawCard } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const CVC = "9173";
/** Cards that succeed, are declined, lose answers, and one that was refused for its check digit. */
const NUMBERS = [
  "4242424242424242",
  "378282246310005",
  "4000000000009995",
  "4111000000000016",
  "4111000000000024",
  "4111000000000099",
  "4111000000000081",
  "4242424242424241",
];

const TABLES = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema')`;

/** What holds digits by chance: ids and instants. */
const NOISE =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+|\b[0-9a-f]{32}\b/g;
const CVC_ALONE = new RegExp(`(?<![0-9a-zA-Z.])${CVC}(?![0-9a-zA-Z.])`);

describe("card data", () => {
  const spans: string[] = [];
  let fixture: PaymentsFixture;
  let telemetry: ReturnType<typeof startTelemetry>;
  before(async () => {
    telemetry = startTelemetry({
      service: "transactions",
      config: { OTEL_TRACES_SAMPLER_ARG: 1 },
      exporter: keepingSpans(spans),
    });
    fixture = await startPayments({ env: { LOG_LEVEL: "trace" }, acquirerEnv: { LOG_LEVEL: "trace" } });
  });
  after(() => fixture.stop());

  it("no number, CVC or plain hash of a number is in any table, message, log line, trace, metric or answer after all that can happen to a card", async () => {
    const answers = await everything();
    await telemetry.shutdown();
    const acquirerPool = createPool({
      connectionString: fixture.acquirerDatabaseUrl,
      applicationName: "card-data",
      max: 1,
    });
    const places: Readonly<Record<string, string>> = {
      "the tables and the bus": await dump(fixture.pool),
      "the acquirer's tables": await dump(acquirerPool),
      "the log": fixture.logged.join(""),
      "the acquirer's log": fixture.acquirer.output(),
      "fraud's log": fixture.fraud.output(),
      traces: spans.join("\n"),
      metrics: (await metricsText()).text,
      answers: answers.join("\n"),
    };
    await acquirerPool.end();
    for (const [place, text] of Object.entries(places)) {
      if (place !== "fraud's log") assert.ok(text.length > 100, `${place}: there is nothing to search`);
      for (const secret of NUMBERS.flatMap(formsOf)) assert.ok(!text.includes(secret), `${secret} in ${place}`);
      const found = CVC_ALONE.exec(text.replaceAll(NOISE, ""));
      assert.equal(found, null, `the CVC in ${place}: ${around(text.replaceAll(NOISE, ""), found?.index)}`);
    }
  });

  it("the search finds what it looks for", () => {
    assert.ok(CVC_ALONE.test(`{"cvc":"${CVC}"}`.replaceAll(NOISE, "")));
    assert.ok(CVC_ALONE.test(`{\\"cvc\\":${CVC}}`.replaceAll(NOISE, "")));
  });

  async function everything(): Promise<readonly string[]> {
    const { api } = fixture.merchant;
    const post = (body: unknown, key = fresh("key")) => api.post("/v1/payments", body, { key, waitS: 3 });
    const paid = await Promise.all(
      NUMBERS.map(async (number) => {
        const [key, body] = [fresh("key"), paymentBody({ payment_method: rawCard(number, CVC) })];
        return [await post(body, key), await post(body, key), await post({ ...body, amount: 5 }, key)];
      }),
    );
    const number = NUMBERS[0] ?? "";
    const card = { number, exp_month: 12, exp_year: 2034, cvc: CVC };
    const refused = [
      await post(`{"payment_method":{"card":{"number":"${number}","cvc":"${CVC}"`),
      await post(paymentBody({ payment_method: { card: { ...card, cvc: `${CVC}0` } } })),
      await post(paymentBody({ payment_method: { card: { ...card, name: "A. Customer" } } })),
      await post(paymentBody({ payment_method: card })),
      await post(paymentBody({ payment_method: { card }, currency: "ZZZ" })),
      await post({ card }),
      await api.post("/v1/payments/batch", { payments: [paymentBody({ payment_method: { card } })] }),
      await api.get(`/v1/payments/${number}`),
      await new Api(fixture.url, "sk_test_0123456789abcdef0").post(
        "/v1/payments",
        paymentBody({ payment_method: { card } }),
      ),
    ];
    assert.ok(refused.slice(0, 6).every(({ status }) => status >= 400));
    await fixture.acquirer.kill();
    const away = await post(paymentBody({ payment_method: { card } }));
    assert.equal(away.status, 503);
    return [...paid.flat(), ...refused, away].map(({ text }) => text);
  }
});

function formsOf(number: string): readonly string[] {
  const hashes = ["sha256", "sha1", "md5"].map((algorithm) => hash(algorithm, number));
  const groups = number.replace(/(\d{4})(?=\d)/g, "$1 ");
  return [number, groups, Buffer.from(number).toString("base64").replace(/=+$/, ""), ...hashes];
}

async function dump(pool: ReturnType<typeof createPool>): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(TABLES);
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t`);
    texts.push(name, ...rows.map(({ row }) => row));
  }
  assert.ok(tables.length > 3);
  return texts.join("\n");
}

/** An exporter that keeps all that a collector would be sent. */
function keepingSpans(spans: string[]): NonNullable<TelemetryOptions["exporter"]> {
  return {
    export(batch, done) {
      for (const { name, attributes, events, status } of batch)
        spans.push(JSON.stringify({ name, attributes, events, status }));
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
}

function around(text: string, index: number | undefined): string {
  return index === undefined ? "" : text.slice(Math.max(0, index - 80), index + 80);
}
