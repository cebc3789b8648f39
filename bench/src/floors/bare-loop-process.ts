/**
 * The floor of a payment's life: what any implementation has to do at least. Some callers go round and round: one charge at the
 * acquirer over HTTP, then one row, committed together with whatever other rows wait (one INSERT from unnest at a time). No API in
 * front, no screening, no events, no bus, no ledger. Speaks to its parent over IPC: seconds in, charges stored out.
 */
import { randomUUID } from "node:crypto";
import { createPool } from "@kassa/platform/postgres";
import { Pool } from "undici";

const { ACQUIRER_URL = "", ACQUIRER_TOKEN, DATABASE_URL = "" } = process.env;
const CALLERS = 128;
const INSERT = `
  insert into floor_charges (id, charge, status, amount)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])`;

type Row = { readonly id: string; readonly charge: string; readonly status: string; readonly amount: number };

const database = createPool({ connectionString: DATABASE_URL, applicationName: "bare-loop", max: 1 });
const acquirer = new Pool(ACQUIRER_URL, { connections: CALLERS });
let waiting: { readonly row: Row; readonly stored: () => void }[] = [];
let writing = false;
let stored = 0;

process.on("message", async ({ seconds }: { seconds: number }) => {
  const before = stored;
  const endAtMs = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: CALLERS }, () => callUntil(endAtMs)));
  process.send?.({ stored: stored - before });
});
process.on("disconnect", () => process.exit(0));
process.on("unhandledRejection", (error) => {
  throw error;
});

async function callUntil(endAtMs: number): Promise<void> {
  while (performance.now() < endAtMs) await store(await charge(randomUUID()));
}

async function charge(id: string): Promise<Row> {
  const { statusCode, body } = await acquirer.request({
    method: "POST",
    path: "/v1/charges",
    headers: { authorization: `Bearer ${ACQUIRER_TOKEN}`, "content-type": "application/json", "idempotency-key": id },
    body: JSON.stringify({
      amount: 1999,
      currency: "EUR",
      token: "pm_card_visa",
      capture: true,
      metadata: { operation_id: id },
    }),
  });
  const answer = (await body.json()) as Row;
  if (statusCode !== 200 || answer.status !== "captured")
    throw new Error(`the acquirer answered ${statusCode}: ${JSON.stringify(answer)}`);
  return { id, charge: answer.id, status: answer.status, amount: answer.amount };
}

function store(row: Row): Promise<void> {
  return new Promise((resolve) => {
    waiting.push({ row, stored: resolve });
    if (!writing) void write();
  });
}

async function write(): Promise<void> {
  writing = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    const column = <Name extends keyof Row>(name: Name) => batch.map(({ row }) => row[name]);
    const values = [column("id"), column("charge"), column("status"), column("amount")];
    await database.query({ name: "insert", text: INSERT, values });
    stored += batch.length;
    for (const entry of batch) entry.stored();
  }
  writing = false;
}
