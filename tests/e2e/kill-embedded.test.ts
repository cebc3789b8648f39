import assert from "node:assert/strict";
import { test } from "node:test";
import { startKassa } from "./kill/kassa-installation.ts";
import { strikeAll } from "./kill/kill-schedule.ts";
import { runLoad } from "./kill/payment-load.ts";
import { RetryingClient } from "./kill/retrying-client.ts";
import { loadDurationMs, RATE_PER_S } from "./kill/run-length.ts";
import { chooseSeed, SEED_VARIABLE, seededRandom } from "./kill/seeded-random.ts";
import { settleBooks } from "./kill/settled-books.ts";

test("PostgreSQL twice, the acquirer and Kassa itself twice killed under load: all that was accepted ends, nothing is lost or doubled", async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`${SEED_VARIABLE}=${seed} repeats the kills`);
  const kassa = await startKassa();
  const client = new RetryingClient([kassa.url], kassa.apiKey);
  try {
    const durationMs = loadDurationMs();
    const { postgres, acquirer, kassa: itself } = kassa.kills;
    const kills = [postgres, postgres, acquirer, itself, itself];
    const [load, struck] = await Promise.all([
      runLoad({ client, random: seededRandom(seed), run: `kill-${seed}`, ratePerS: RATE_PER_S, durationMs }),
      strikeAll(seededRandom(seed + 1), kills, durationMs),
    ]);
    t.diagnostic(`kills: ${struck.map(({ target, pid, atMs }) => `${target} ${pid} at ${atMs} ms`).join(", ")}`);
    const { proof, settleSeconds } = await settleBooks({ client, load, ...kassa });
    assert.equal(new Set(struck.map(({ pid }) => pid)).size, kills.length, "each kill hit a process of its own");
    const { size } = load.accepted;
    t.diagnostic(`accepted ${size}, requests sent again ${client.retries}, waiting ${proof.waiting_total}`);
    t.diagnostic(`settled ${settleSeconds.toFixed(1)} s after the load; ${proof.summary}`);
    assert.equal(await kassa.program.stop(), 0, kassa.program.output);
  } catch (error) {
    t.diagnostic(`kassa printed:\n${kassa.program.output}\nits log ends:\n${kassa.log()}`);
    throw error;
  } finally {
    await client.close();
    await kassa.program.stop();
    kassa.destroy();
  }
});
