import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { destroyEmbeddedPostgres } from "@kassa/platform/embedded-postgres";
import { freePorts } from "@kassa/testing/broker-process";

const KASSA = fileURLToPath(new URL("../../cli/bin/kassa.js", import.meta.url));
const READY_MS = 60_000;
const COMMAND_MS = 60_000;

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A data folder and a port, and the kassa commands that are run on them. */
export class Workbench {
  readonly data: string;
  readonly port: number;
  readonly url: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(data: string, port: number) {
    this.data = data;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async open(): Promise<Workbench> {
    const data = mkdtempSync(join(tmpdir(), "kassa-start-"));
    chmodSync(data, 0o755); // as root PostgreSQL runs as another user, who has to come through
    const [port = 0] = await freePorts(1);
    return new Workbench(data, port);
  }

  /** `kassa start`, ready. */
  async start(): Promise<Kassa> {
    const child = spawn(process.execPath, [KASSA, "start"], { env: this.#env(), stdio: ["ignore", "pipe", "inherit"] });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    const kassa = new Kassa(child);
    await kassa.untilPrinted(/sk_test_\w+[\s\S]*curl .*\n/);
    return kassa;
  }

  /** A command that ends by itself. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
    const options = { env: { ...this.#env(), ...env }, encoding: "utf8", timeout: COMMAND_MS } as const;
    const { status: code, stdout, stderr } = spawnSync(process.execPath, [KASSA, ...args], options);
    return { code, stdout, stderr };
  }

  /** The process of the acquirer that runs now. */
  acquirerPid(): number {
    return (JSON.parse(readFileSync(join(this.data, "acquirer.json"), "utf8")) as { pid: number }).pid;
  }

  postmasterPid(): number {
    return Number.parseInt(readFileSync(join(this.data, "postgres", "data", "postmaster.pid"), "utf8"), 10);
  }

  /** Ends whatever is left, and deletes the folder. */
  close(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    destroyEmbeddedPostgres(join(this.data, "postgres"));
    rmSync(this.data, { recursive: true, force: true });
  }

  #env() {
    return { ...process.env, KASSA_DATA: this.data, KASSA_PORT: String(this.port) };
  }
}

/** A running `kassa start` and what it has printed. */
export class Kassa {
  readonly #child: ChildProcess;
  printed = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.printed += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The key that it has printed. */
  get apiKey(): string {
    return /sk_test_\w+/.exec(this.printed)?.[0] ?? "";
  }

  /** The line to be copied into a terminal. */
  get curlLine(): string {
    return /^ +(curl .*)$/m.exec(this.printed)?.[1] ?? "";
  }

  async untilPrinted(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(READY_MS);
    const ended = once(this.#child, "exit", { signal }).then(() => {
      if (!pattern.test(this.printed)) throw new Error(`kassa start has ended: ${this.printed}`);
    });
    ended.catch(() => undefined);
    const { stdout } = this.#child;
    while (!pattern.test(this.printed) && stdout !== null)
      await Promise.race([once(stdout, "data", { signal }), ended]);
  }

  /** Resolves with the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    await exited;
    return this.#child.exitCode;
  }
}
