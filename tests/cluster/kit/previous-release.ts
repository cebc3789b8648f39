import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { helm, succeed } from "./command.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const MIGRATIONS = "services/transactions/migrations";
const TAG = "previous";

/** What an installation from an earlier commit is made of. */
export type PreviousRelease = {
  readonly commit: string;
  /** Folder of its umbrella chart, dependencies included. */
  readonly chart: string;
  /** Tag of its image of transactions, brought to the cluster. */
  readonly imageTag: string;
  /** The migrations that this commit has beyond its own. */
  readonly newMigrations: readonly string[];
};

/**
 * The commit before the newest migration, its chart, and its image, built by its own `npm run images` and brought to the cluster the
 * way KASSA_IMAGE_BUILD and KASSA_IMAGE_LOAD say. @throws Error without the history, as in a shallow clone
 */
export async function previousRelease(): Promise<PreviousRelease> {
  const newest = await run("git", "-C", root, "log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS);
  const commit = await run("git", "-C", root, "rev-parse", "--verify", `${newest}^`);
  const folder = mkdtempSync(join(tmpdir(), "kassa-previous-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await run("sh", "-c", `git -C '${root}' archive --format=tar ${commit} | tar -x -C '${folder}'`);
  const images = [join(folder, "scripts/images/build-images.ts"), "--only", "transactions", "--tag", TAG];
  await run(process.execPath, ...images);
  const chart = join(folder, "charts", "kassa");
  await helm("dependency", "update", chart);
  const added = await run(
    "git",
    "-C",
    root,
    "diff",
    "--name-only",
    "--diff-filter=A",
    commit,
    "HEAD",
    "--",
    MIGRATIONS,
  );
  const newMigrations = added.split("\n").map((path) => path.slice(MIGRATIONS.length + 1));
  return { commit, chart, imageTag: TAG, newMigrations };
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await succeed(program, args)).stdout.trim();
}
