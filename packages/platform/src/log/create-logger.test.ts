import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { withTraceparent } from "../telemetry/index.ts";
import { createLogger, type LoggerOptions, scrub } from "./index.ts";

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, log: createLogger({ service: "transactions", destination, ...options }) };
}

describe("createLogger", () => {
  it("writes JSON lines with time, level, service and role", () => {
    const { lines, log } = capture({ role: "api" });
    log.info({ payment: "pay_1" }, "accepted");
    const line = JSON.parse(lines[0] ?? "");
    assert.match(line.time, /^\d{4}-\d\d-\d\dT/);
    assert.deepEqual(
      [line.level, line.service, line.role, line.payment, line.msg],
      ["info", "transactions", "api", "pay_1", "accepted"],
    );
  });

  it("names the active trace", () => {
    const { lines, log } = capture();
    withTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", () => log.info("x"));
    log.info("y");
    assert.equal(JSON.parse(lines[0] ?? "").trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert.equal(JSON.parse(lines[0] ?? "").span_id, "b7ad6b7169203331");
    assert.equal(JSON.parse(lines[1] ?? "").trace_id, undefined);
  });

  it("keeps below its level silent", () => {
    const { lines, log } = capture({ level: "warn" });
    log.info("x");
    assert.equal(lines.length, 0);
  });

  it("writes no card number, whether in a field, a message, an error, a number or with blanks", () => {
    const { lines, log } = capture();
    log.info({ card: { number: "4242424242424242", cvc: "123", exp_year: 2030 } }, "pays with 4242 4242 4242 4242");
    log.error({ err: new Error("refused 5555-5555-5555-4444", { cause: new Error("378282246310005") }) });
    log.info({ deep: { list: [4000000000000002, "a 6011111111111117 b"] }, cvc: 987 });
    log.info({ body: JSON.stringify({ card: { number: "30569309025904", cvc: "321" } }) });
    const all = lines.join("");
    for (const secret of ["42424242424", "4242 4242", "5555-", "3782822", "40000000000", "60111111", "3056930"]) {
      assert.ok(!all.includes(secret), `${secret} is in ${all}`);
    }
    assert.doesNotMatch(all, /"123"|987|321/);
    for (const line of lines) JSON.parse(line);
    assert.equal(JSON.parse(lines[0] ?? "").msg, "pays with 424242******4242");
    assert.equal(JSON.parse(lines[0] ?? "").card.exp_year, 2030);
    assert.deepEqual(JSON.parse(lines[2] ?? "").deep.list, ["400000******0002", "a 601111******1117 b"]);
    assert.match(JSON.parse(JSON.parse(lines[3] ?? "").body).card.number, /redacted/);
  });

  it("writes no credential", () => {
    const { lines, log } = capture();
    log.info({ headers: { authorization: "Bearer sk_test_abcdefghijkl", cookie: "sid=1" } });
    log.info("came with Bearer eyJhbGciOi.J9 and sk_live_0123456789abcdef");
    assert.doesNotMatch(lines.join(""), /abcdefghijkl|sid=1|eyJ|0123456789abcdef/);
    for (const line of lines) JSON.parse(line);
  });

  it("leaves times, ids and amounts as they are", () => {
    const { lines, log } = capture();
    const fields = {
      at_ms: 1780000000003,
      amount: 1000000000000,
      id: "pay_0190f2c31111722282223333aaaa4444",
      uuid: "0190f2c3-1111-7222-8222-3333aaaa4444",
      order: "4242424242424241",
    };
    log.info(fields);
    const line = JSON.parse(lines[0] ?? "");
    for (const [name, value] of Object.entries(fields)) assert.equal(line[name], value);
  });
});

describe("scrub", () => {
  it("masks all but the first six and the last four digits of a card number", () => {
    assert.equal(scrub("card 4242424242424242 refused"), "card 424242******4242 refused");
    assert.equal(scrub("4242-4242-4242-4242"), "424242******4242");
  });

  it("returns other text unchanged", () => {
    for (const text of ["", "payment 12 of 13", "20260101 000000", "4242424242424241", 'a "quoted" word']) {
      assert.equal(scrub(text), text);
    }
  });
});
