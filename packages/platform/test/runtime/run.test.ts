import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("program.ts", import.meta.url));

type Program = {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  until(pattern: RegExp): Promise<void>;
};

function start(env: Record<string, string>): Program {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env.PATH, PROBE_PORT: "0", NEEDED: "1", SHUTDOWN_BOUND_MS: "300", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  const exit = once(child, "close").then(([code]) => code as number | null);
  return {
    child,
    output: () => text,
    exit,
    async until(pattern) {
      while (!pattern.test(text) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.match(text, pattern);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("run", { concurrency: 2 }, () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`exits with 0 after a clean drain on ${signal}`, async () => {
      const program = start({});
      await program.until(/"started"/);
      program.child.kill(signal);
      assert.equal(await program.exit, 0);
      assert.match(program.output(), /closed work[\s\S]*"exit_code":0/);
    });
  }

  it("serves probes and metrics while it runs", async () => {
    const program = start({});
    await program.until(/"started"/);
    const port = /"probe_port":(\d+)/.exec(program.output())?.[1];
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    assert.match(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), /process_cpu_seconds_total/);
    program.child.kill("SIGTERM");
    assert.equal(await program.exit, 0);
  });

  it("serves probes on every address, or on PROBE_HOST alone", async () => {
    const probed = async (env: Record<string, string>) => {
      const program = start({ ...env, PROBE_PORT: String(await freePort()) });
      await program.until(/"started"/);
      const port = /"probe_port":(\d+)/.exec(program.output())?.[1];
      const answers = ["127.0.0.1", "127.0.0.2"].map((host) =>
        fetch(`http://${host}:${port}/livez`).then(
          ({ status }) => status,
          () => "refused",
        ),
      );
      const seen = await Promise.all(answers);
      program.child.kill("SIGTERM");
      await program.exit;
      return seen;
    };
    assert.deepEqual(await probed({ PROBE_HOST: "127.0.0.1" }), [200, "refused"]);
    if (process.platform === "linux") assert.deepEqual(await probed({}), [200, 200]);
  });

  it("is alive and unready while it waits for what is away, and exits with 1 when it stays away", async () => {
    const probePort = await freePort();
    const program = start({ FAIL: "away", START_WAIT_MS: "1000", PROBE_PORT: String(probePort) });
    await program.until(/"waiting at start"[\s\S]*"waiting at start"/);
    for (const [path, status] of [
      ["livez", 200],
      ["startupz", 503],
      ["readyz", 503],
    ] as const) {
      assert.equal((await fetch(`http://127.0.0.1:${probePort}/${path}`)).status, status, path);
    }
    assert.equal(await program.exit, 1);
    assert.match(program.output(), /the database was not reached within 1000 ms \(START_WAIT_MS\): connection refused/);
  });

  it("exits with 1 and every fault when the environment is wrong", async () => {
    const program = start({ NEEDED: "x", LOG_LEVEL: "loud" });
    assert.equal(await program.exit, 1);
    assert.match(program.output(), /LOG_LEVEL "loud" is not valid[\s\S]*NEEDED "x" is not valid/);
  });

  it("exits with 1 when a component cannot start", async () => {
    const program = start({ FAIL: "start" });
    assert.equal(await program.exit, 1);
    assert.match(program.output(), /cannot start/);
  });

  it("drains and exits with 1 after an error that nobody caught", async () => {
    const program = start({ FAIL: "rejection" });
    assert.equal(await program.exit, 1);
    assert.match(program.output(), /nobody caught me[\s\S]*closed work/);
  });

  for (const fault of ["drain", "hang"]) {
    it(`exits with 1 when the drain ${fault === "drain" ? "fails" : "passes its bound"}`, async () => {
      const program = start({ FAIL: fault });
      await program.until(/"started"/);
      program.child.kill("SIGTERM");
      assert.equal(await program.exit, 1);
      assert.match(program.output(), /closed work/);
    });
  }

  it("exits at once with 1 on a second signal", async () => {
    const program = start({ FAIL: "hang", SHUTDOWN_BOUND_MS: "60000" });
    await program.until(/"started"/);
    program.child.kill("SIGTERM");
    await program.until(/"draining"/);
    program.child.kill("SIGTERM");
    assert.equal(await program.exit, 1);
    assert.doesNotMatch(program.output(), /closed work/);
  });
});
