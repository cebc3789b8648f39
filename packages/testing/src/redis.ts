import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrokerProcess, freePorts } from "./broker-process.ts";

export type TestRedis = {
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number | undefined;
  /** SIGKILL; nothing is kept. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port; resolves when it serves. */
  restart(): Promise<void>;
  /** Freezes it, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
  stop(): Promise<void>;
};

const START_TIMEOUT_MS = 10_000;
const HOST = "127.0.0.1";

export function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A real Redis in memory on a free port. Takes about 100 ms. */
export async function startRedis(): Promise<TestRedis> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), "kassa-test-redis-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const redis = new BrokerProcess({
    command: "redis-server",
    args: ["--port", String(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", folder],
    logFile: join(folder, "redis.log"),
    isReady: () => answersPing(port),
    startTimeoutMs: START_TIMEOUT_MS,
  });
  await redis.start();
  return {
    url: `redis://${HOST}:${port}`,
    get pid() {
      return redis.pid;
    },
    kill: () => redis.end("SIGKILL"),
    restart: () => redis.start(),
    signal: (signal) => redis.end(signal),
    async stop() {
      await redis.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST, () => socket.write("PING\r\n"));
    socket.once("error", () => resolve(false));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString().startsWith("+PONG"));
    });
  });
}
