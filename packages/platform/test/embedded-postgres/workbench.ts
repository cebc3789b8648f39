import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { destroyEmbeddedPostgres, type EmbeddedPostgresOptions } from "@kassa/platform/embedded-postgres";
import pg from "pg";

/** A folder for the clusters of one test file; whatever still runs there at the end is killed with it. */
export function openWorkbench(): { folder: string; dataDir(name: string): string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "kassa-embedded-"));
  const dataDirs: string[] = [];
  return {
    folder,
    dataDir(name) {
      const dataDir = join(folder, name);
      dataDirs.push(dataDir);
      return dataDir;
    },
    close() {
      for (const dataDir of dataDirs) destroyEmbeddedPostgres(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export type Holder = { readonly child: ChildProcess; readonly port: number; readonly pid: number };

/** Another process that runs the cluster, e.g. to be killed. @param prefix a command to run it under */
export async function holdInAnotherProcess(options: EmbeddedPostgresOptions, prefix: string[] = []): Promise<Holder> {
  const child = spawnHolder(options, prefix);
  let output = "";
  const ready = new Promise<string>((done, fail) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) done(output);
    });
    child.once("exit", (code) => fail(new Error(`the holder ended with ${code}`)));
  });
  return { child, ...(JSON.parse(await ready) as { port: number; pid: number }) };
}

export function spawnHolder(options: EmbeddedPostgresOptions, prefix: string[] = []): ChildProcess {
  const holder = fileURLToPath(new URL("holder.ts", import.meta.url));
  const [program = process.execPath, ...args] = [...prefix, process.execPath, holder, JSON.stringify(options)];
  return spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
}

export async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await exited;
}
