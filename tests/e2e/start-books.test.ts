import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Kassa, Workbench } from "./start-workbench.ts";

let bench: Workbench;
let kassa: Kassa;

before(async () => {
  bench = await Workbench.open();
  kassa = await bench.start();
});

after(() => bench.close());

type Report = { accepted: number; arrivals: number; unanswered: number; doubled: number; payments: object };

test("kassa traffic makes payments of the local installation and follows each to its outcome", () => {
  const options = ["--rps", "20", "--duration", "3", "--mix", "happy", "--seed", "7", "--json"];
  const { code, stdout } = bench.run(["traffic", ...options]);
  const report = JSON.parse(stdout) as Report;
  assert.equal(code, 0);
  assert.ok(report.arrivals > 20);
  assert.deepEqual([report.accepted, report.unanswered, report.doubled], [report.arrivals, 0, 0]);
  assert.deepEqual(Object.keys(report.payments).sort(), ["canceled", "completed"]);
});

test("beside the running product prove, replay and trace look at its books and leave it running", async () => {
  proveAndReplay();
  const answer = await fetch(`${bench.url}/v1/payments?limit=1`, {
    headers: { authorization: `Bearer ${kassa.apiKey}` },
  });
  const { data } = (await answer.json()) as { data: { id: string }[] };
  const story = bench.run(["trace", data[0]?.id ?? ""]);
  assert.equal(story.code, 0);
  assert.match(story.stdout, /payment\.created/);
  assert.equal((await fetch(`${bench.url}/healthz`)).status, 200);
});

test("replay --apply is refused in one sentence while the product runs", () => {
  const { code, stderr } = bench.run(["replay", "--apply"]);
  assert.equal(code, 1);
  assert.match(stderr, /^kassa: .*stop it.*\n$/);
});

test("on the stopped product they start what they need and stop it again", async () => {
  assert.equal(await kassa.end("SIGTERM"), 0);
  proveAndReplay();
  kassa = await bench.start();
  assert.equal(await kassa.end("SIGTERM"), 0);
});

test("where nothing was ever started, prove says so and makes nothing", () => {
  const { code, stderr } = bench.run(["prove"], { KASSA_DATA: `${bench.data}-none` });
  assert.equal(code, 1);
  assert.match(stderr, /^kassa: There are no books in .*\n$/);
});

function proveAndReplay(): void {
  const proof = bench.run(["prove", "--json"]);
  assert.equal(proof.code, 0, proof.stderr);
  const { ok, checks } = JSON.parse(proof.stdout) as { ok: boolean; checks: { name: string; compared: number }[] };
  assert.equal(ok, true);
  assert.ok((checks.find(({ name }) => name === "provider")?.compared ?? 0) > 0, "the acquirer was asked");
  const replay = bench.run(["replay", "--json"]);
  assert.equal(replay.code, 0, replay.stderr);
  assert.equal((JSON.parse(replay.stdout) as { identical: boolean }).identical, true);
}
