import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { localUrl } from "@kassa/cli/installation/environments";
import { ensureDatabase } from "@kassa/platform/embedded-postgres";
import { type BenchDatabase, queryOnce } from "../installation/database.ts";

const MAIN = fileURLToPath(new URL("bare-loop-process.ts", import.meta.url));
const GRACE_MS = 15_000;
const CREATE = `
  create table if not exists floor_charges (
    id uuid primary key, charge text not null, status text not null, amount bigint not null
  )`;

/** The bare loop against one acquirer, in a process of its own; see bare-loop-process.ts for what it does. */
export class BareLoop implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(
    database: BenchDatabase,
    acquirer: { readonly port: number; readonly token: string },
  ): Promise<BareLoop> {
    await ensureDatabase(database.postgres.connectionString("postgres"), "floor");
    const url = database.postgres.connectionString("floor");
    await queryOnce(url, CREATE);
    const env = {
      ...process.env,
      ACQUIRER_URL: localUrl(acquirer.port),
      ACQUIRER_TOKEN: acquirer.token,
      DATABASE_URL: url,
    };
    return new BareLoop(fork(MAIN, { execArgv: [], env, stdio: ["ignore", 2, "inherit", "ipc"] }));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the bare loop could not be started");
    return this.#child.pid;
  }

  /** Charges made and stored per second. @throws Error when the loop ended or did not answer in time */
  async run(seconds: number): Promise<number> {
    const signal = AbortSignal.timeout(seconds * 1000 + GRACE_MS);
    const ended = once(this.#child, "exit", { signal }).then(([code]) => {
      throw new Error(`the bare loop ended with ${code}`);
    });
    ended.catch(() => undefined);
    const answered = once(this.#child, "message", { signal });
    answered.catch(() => undefined);
    this.#child.send({ seconds });
    const [{ stored }] = (await Promise.race([answered, ended])) as [{ stored: number }];
    return stored / seconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await gone;
  }
}
