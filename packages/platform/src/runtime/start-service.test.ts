import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import Type from "typebox";
import { ConfigError } from "../config/index.ts";
import { createLogger } from "../log/index.ts";
import { type Component, defineService, drainPhases, startService } from "./index.ts";

const lines: string[] = [];
const destination = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const log = createLogger({ service: "test", destination });

/** A component that notes each of its steps. */
function noting(name: string, notes: string[], steps: Partial<Component> = {}): Component {
  const noted = Object.fromEntries(
    ["start", ...drainPhases].map((phase) => [phase, () => void notes.push(`${phase} ${name}`)]),
  );
  return { name, ...noted, ...steps };
}

function service(components: readonly Component[]) {
  return defineService({
    name: "test",
    roles: ["api", "worker"],
    config: Type.Object({ GREETING: Type.String({ default: "hello" }) }),
    async start(context) {
      for (const component of components) await context.start(component);
    },
  });
}

const env = { SHUTDOWN_BOUND_MS: "100" };

describe("startService", () => {
  it("starts components in order and drains them phase by phase, the last first", async () => {
    const notes: string[] = [];
    const running = startService(service([noting("a", notes), noting("b", notes)]), { env, log });
    assert.equal(running.isReady(), false);
    await running.ready;
    assert.equal(running.isReady(), true);
    assert.equal(await running.stop(), true);
    assert.equal(running.isReady(), false);
    assert.deepEqual(notes, ["start a", "start b", ...drainPhases.flatMap((phase) => [`${phase} b`, `${phase} a`])]);
  });

  it("is unready before anything else happens in a drain, and pauses as configured", async () => {
    const times: number[] = [];
    const component = noting("http", [], {
      unready: () => void times.push(performance.now()),
      stopAccepting: () => void times.push(performance.now()),
    });
    const running = startService(service([component]), {
      env: { SHUTDOWN_PAUSE_MS: "40", SHUTDOWN_BOUND_MS: "1000" },
      log,
    });
    await running.ready;
    const stopped = running.stop();
    assert.equal(running.isReady(), false);
    await stopped;
    const [unreadyAtMs = 0, stopAtMs = 0] = times;
    assert.ok(stopAtMs - unreadyAtMs >= 38);
  });

  it("gives configuration, roles, clock and log to the service, and refuses a wrong environment at once", async () => {
    let seen: unknown;
    const asking = defineService({
      name: "asking",
      roles: ["api", "worker"],
      config: Type.Object({ GREETING: Type.String({ default: "hello" }) }),
      async start({ config, roles, clock }) {
        seen = [config.GREETING, [...roles], clock.now()];
      },
    });
    const running = startService(asking, { env: { ROLES: "worker" }, log, clock: { now: () => 7 } });
    await running.ready;
    assert.deepEqual(seen, ["hello", ["worker"], 7]);
    await running.stop();
    assert.throws(
      () => startService(asking, { env: { ROLES: "cook", LOG_LEVEL: "loud", PROBE_PORT: "x" }, log }),
      (error: ConfigError) => error instanceof ConfigError && error.faults.length === 3,
    );
  });

  it("stops what had started when a component cannot start, that component included, and rejects with the reason", async () => {
    const notes: string[] = [];
    const broken = noting("b", notes, { start: () => Promise.reject(new Error("port taken")) });
    const running = startService(service([noting("a", notes), broken, noting("c", notes)]), { env, log });
    await assert.rejects(running.ready, /port taken/);
    assert.deepEqual(
      notes.filter((note) => /start|close/.test(note)),
      ["start a", "close b", "close a"],
    );
    assert.equal(running.isReady(), false);
  });

  it("starts nothing more when it is stopped while starting", async () => {
    const notes: string[] = [];
    const gate = Promise.withResolvers<void>();
    const slow = noting("a", notes, { start: () => gate.promise });
    const running = startService(service([slow, noting("b", notes)]), { env: { SHUTDOWN_BOUND_MS: "1000" }, log });
    const stopped = running.stop();
    gate.resolve();
    assert.equal(await stopped, true);
    await assert.rejects(running.ready, /stopping/);
    assert.deepEqual(
      notes.filter((note) => note.endsWith("b")),
      [],
    );
    assert.ok(notes.includes("close a"));
  });

  it("does not let a step that hangs or fails keep the others from theirs, and says that the drain was not clean", async () => {
    const notes: string[] = [];
    const hanging = noting("a", notes, { finish: () => new Promise(() => {}) });
    const failing = noting("b", notes, { stopAccepting: () => Promise.reject(new Error("no")) });
    const running = startService(service([hanging, failing]), { env, log });
    await running.ready;
    const startMs = performance.now();
    assert.equal(await running.stop(), false);
    assert.ok(performance.now() - startMs < 1000);
    assert.deepEqual(notes.slice(-4), ["flush b", "flush a", "close b", "close a"]);
    assert.match(lines.join(""), /finish of a/);
  });

  it("drains once, however often it is asked", async () => {
    const notes: string[] = [];
    const running = startService(service([noting("a", notes)]), { env, log });
    await running.ready;
    await Promise.all([running.stop(), running.stop()]);
    assert.equal(notes.filter((note) => note === "close a").length, 1);
  });

  it("collects the checks of its components", async () => {
    const running = startService(service([{ name: "postgres", check: async () => {} }, { name: "x" }]), { env, log });
    await running.ready;
    assert.deepEqual(
      running.checks().map(({ name }) => name),
      ["postgres"],
    );
    await running.stop();
  });
});
