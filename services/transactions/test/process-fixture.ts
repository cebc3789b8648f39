import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { eventually } from "./client-fixture.ts";

/** A program of the product as a process of its own, which can be killed and started again on the same port. */
export type ServiceProcess = {
  readonly url: string;
  /** All that it has written to its standard output and error. */
  output(): string;
  start(): Promise<void>;
  /** Resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
};

const READY_MS = 30_000;
const services = new URL("../../", import.meta.url);
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts `services/<name>/src/main.ts` on a port and resolves when it is ready. */
export async function startServiceProcess(
  name: "acquirer" | "fraud" | "transactions",
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const service = new NodeProcess(fileURLToPath(new URL(`${name}/src/main.ts`, services)), port, env);
  await service.start().catch(async (error: unknown) => {
    await service.kill();
    throw error;
  });
  return service;
}

class NodeProcess implements ServiceProcess {
  readonly url: string;
  readonly #main: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(main: string, port: number, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#main = main;
    this.#env = {
      HTTP_HOST: "127.0.0.1",
      HTTP_PORT: String(port),
      PROBE_PORT: "0",
      SHUTDOWN_BOUND_MS: "5000",
      ...(process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
      ...env,
    };
  }

  output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#main], { env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${this.#main} ended with ${child.exitCode}: ${this.#output}`);
      return fetch(`${this.url}/healthz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    }, READY_MS);
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || !running.has(child)) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
