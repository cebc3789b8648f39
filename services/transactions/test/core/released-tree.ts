import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** The source of a release in a folder of its own, runnable with the packages that are installed here. */
export type ReleasedTree = {
  /** A tag, or a commit while there is no tag. */
  readonly revision: string;
  readonly folder: string;
  remove(): void;
};

/** Extracts the newest release (the newest tag `v*`), or HEAD while nothing was released. */
export function extractRelease(): ReleasedTree {
  const [tag] = git("tag", "--list", "v*", "--sort=-version:refname").split("\n");
  const revision = tag === undefined || tag === "" ? git("rev-parse", "HEAD") : tag;
  const folder = mkdtempSync(join(tmpdir(), "kassa-release-"));
  const archive = execFileSync("git", ["archive", "--format=tar", revision], { cwd: root, maxBuffer: 1 << 28 });
  execFileSync("tar", ["--extract", "--directory", folder], { input: archive });
  linkPackages(folder);
  return { revision, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

// Links, not copies: Node strips no types below a node_modules folder, and a link's target is outside of it. What is
// installed for a workspace alone goes with the workspace; `@kassa/*` leads into the extracted tree.
function linkPackages(folder: string): void {
  const installed = join(root, "node_modules");
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@kassa"), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== "@kassa") symlinkSync(join(installed, name), join(modules, name));
  }
  for (const manifest of globSync("{packages,services}/*/package.json", { cwd: folder })) {
    const { name } = JSON.parse(readFileSync(join(folder, manifest), "utf8")) as { name: string };
    const workspace = dirname(manifest);
    symlinkSync(join(folder, workspace), join(modules, name));
    const own = join(root, workspace, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(folder, workspace, "node_modules"));
  }
}
