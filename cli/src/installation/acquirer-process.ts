import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import module from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Env } from "./environments.ts";

const MAIN = fileURLToPath(import.meta.resolve("@kassa/acquirer/main"));
const TAKE_ENVIRONMENT = new URL("take-environment.ts", import.meta.url).href;

/** A process of the acquirer: it reads its code at once and begins its work when it is given an environment. */
export class AcquirerProcess {
  readonly child: ChildProcess;
  /** Resolves with how it ended: a signal's name, an exit code, or why it could not start. Never rejects. */
  readonly ended: Promise<string>;

  constructor() {
    this.child = spawn(process.execPath, ["--import", TAKE_ENVIRONMENT, MAIN], {
      // Not in our process group: Ctrl-C is for us alone, who stop the acquirer after those that call it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...compileCache() },
    });
    this.child.stdin?.on("error", () => undefined);
    this.ended = Promise.race([
      once(this.child, "close").then(([code, signal]) => String(signal ?? `exit code ${code}`)),
      once(this.child, "error").then(([error]) => String(error)),
    ]).catch(String);
  }

  begin(env: Env): void {
    this.child.stdin?.write(`${JSON.stringify(env)}\n`);
  }
}

/** The child shares the cache of this process, whose folder has a part of its own for each version of Node. */
function compileCache(): Env {
  const folder = module.getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
