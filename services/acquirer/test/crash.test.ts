import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { chargeBody, client, createDatabase, eventually, fresh, sandboxEnv } from "./sandbox.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const KILLS = 3;
const CLIENTS = 24;
const LOAD_MS = 400;

type Sent = { readonly key: string; readonly body: ReturnType<typeof chargeBody>; text: string | undefined };

describe("SIGKILL under load", () => {
  let env: Record<string, string>;
  let child: ChildProcess | undefined;
  before(async () => {
    env = await sandboxEnv(await createDatabase());
  });
  after(() => child?.kill("SIGKILL"));

  async function start() {
    child = spawn(process.execPath, [MAIN], { env: { ...env, LOG_LEVEL: "silent" }, stdio: "inherit" });
    const api = client(`http://127.0.0.1:${env.HTTP_PORT}`);
    await eventually(() =>
      api.get("/healthz").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    return api;
  }

  async function kill() {
    child?.kill("SIGKILL");
    if (child !== undefined) await once(child, "exit");
  }

  it("every key answers as before, and the settlement report holds each charge once", async () => {
    const sent: Sent[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const api = await start();
      const endAt = performance.now() + LOAD_MS * 2;
      const load = Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < endAt) {
          const one: Sent = { key: fresh("key"), body: chargeBody("pm_card_visa"), text: undefined };
          sent.push(one);
          try {
            one.text = (await api.post("/v1/charges", one.body, one.key)).text;
          } catch {
            return;
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
      await kill();
      await Promise.all(load);
    }
    assert.ok(
      sent.some(({ text }) => text === undefined),
      "no request was cut off: the load was too light to prove anything",
    );

    const api = await start();
    const ids = new Set<string>();
    for (const { key, body, text } of sent) {
      const again = await api.post("/v1/charges", body, key);
      assert.equal(again.status, 200);
      if (text !== undefined) assert.equal(again.text, text);
      ids.add(again.body.id);
    }
    const { body: report } = await api.get("/v1/settlement?limit=10000");
    const charged = report.data.map(({ charge }: { charge: string }) => charge);
    assert.equal(charged.length, sent.length);
    assert.deepEqual(new Set(charged), ids);
  });
});
