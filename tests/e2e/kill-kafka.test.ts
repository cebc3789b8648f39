import assert from "node:assert/strict";
import { test } from "node:test";
import { hasKafka } from "@kassa/testing/kafka";
import { requirePart } from "@kassa/testing/require-part";
import { type Kill, strikeAll } from "./kill/kill-schedule.ts";
import { runLoad } from "./kill/payment-load.ts";
import { RetryingClient } from "./kill/retrying-client.ts";
import { loadDurationMs, RATE_PER_S } from "./kill/run-length.ts";
import { chooseSeed, SEED_VARIABLE, seededRandom } from "./kill/seeded-random.ts";
import { startSeparateRoles } from "./kill/separate-roles.ts";
import { settleBooks } from "./kill/settled-books.ts";

const KILLS = 7;

if (requirePart("Kafka", hasKafka())) {
  test("each role a process of its own on Kafka, seven of them and the broker killed under load: all that was accepted ends, nothing is lost or doubled", async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`${SEED_VARIABLE}=${seed} repeats the kills`);
    const random = seededRandom(seed + 1);
    const product = await startSeparateRoles();
    const client = new RetryingClient(product.apiUrls, product.apiKey);
    try {
      const durationMs = loadDurationMs();
      const victims = Array.from({ length: KILLS }, () => anyOf(product.kills, random()));
      const [load, struck] = await Promise.all([
        runLoad({ client, random: seededRandom(seed), run: `kill-${seed}`, ratePerS: RATE_PER_S, durationMs }),
        strikeAll(random, [...victims, product.killBroker], durationMs),
      ]);
      t.diagnostic(`kills: ${struck.map(({ target, pid, atMs }) => `${target} ${pid} at ${atMs} ms`).join(", ")}`);
      const { proof, settleSeconds } = await settleBooks({ client, load, ...product });
      const { size } = load.accepted;
      t.diagnostic(`accepted ${size}, requests sent again ${client.retries}, waiting ${proof.waiting_total}`);
      t.diagnostic(`settled ${settleSeconds.toFixed(1)} s after the load; ${proof.summary}`);
      assert.deepEqual(await product.stop(), [], "every role ends well when it is asked to");
    } catch (error) {
      for (const { name, output } of product.programs) t.diagnostic(`${name} printed last:\n${output.slice(-2_000)}`);
      throw error;
    } finally {
      await client.close();
      await product.destroy();
    }
  });
}

function anyOf(kills: readonly Kill[], place: number): Kill {
  const kill = kills[Math.floor(place * kills.length)];
  assert.ok(kill !== undefined);
  return kill;
}
