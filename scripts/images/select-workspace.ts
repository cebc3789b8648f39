/**
 * The part of the repository that one image needs, in two folders, so that an image's layer of packages changes only with its manifests:
 *
 *     node scripts/images/select-workspace.ts <service> <to>
 *
 * `<to>/manifests` takes the package.json files and the lock for `npm ci`, `<to>/sources` the sources with two fixed ways in: `main`, a
 * link to the service's program, and `src`, a link to its code. A container's arguments can name them without knowing the service. Runs before anything
 * is installed, so it imports nothing but Node's own.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Lock, productionLock, productionManifest, withoutLeftOut } from "./production-lock.ts";
import { type Workspace, workspaceClosure } from "./workspace-closure.ts";

/** Beside the packages: never part of an image. */
const LEFT_IN_THE_REPOSITORY = /^(node_modules|test|README\.md)$|\.test\.ts$/;

if (import.meta.main) {
  const [service, to] = process.argv.slice(2);
  if (service === undefined || to === undefined) throw new Error("usage: select-workspace.ts <service> <to>");
  selectWorkspace(dirname(dirname(import.meta.dirname)), service, to);
}

/** Writes both folders below `target`, which need not exist. An unknown service, or one without a program, throws. */
export function selectWorkspace(root: string, service: string, target: string): void {
  const closure = workspaceClosure(root, service);
  writeManifests(root, closure, join(target, "manifests"));
  const sources = join(target, "sources");
  for (const { folder } of closure) {
    cpSync(join(root, folder), join(sources, folder), {
      recursive: true,
      filter: (path) => !LEFT_IN_THE_REPOSITORY.test(basename(path)),
    });
  }
  const [own] = closure;
  if (own === undefined) return;
  symlinkSync(join(own.folder, "src"), join(sources, "src"));
  symlinkSync(programOf(root, own), join(sources, "main"));
}

function writeManifests(root: string, closure: readonly Workspace[], target: string): void {
  const manifest = productionManifest(readJson(join(root, "package.json")), closure);
  const lock = productionLock(readJson<Lock>(join(root, "package-lock.json")), manifest, closure);
  writeJson(join(target, "package.json"), manifest);
  writeJson(join(target, "package-lock.json"), lock);
  for (const { folder, manifest } of closure) {
    writeJson(join(target, folder, "package.json"), withoutLeftOut(manifest));
  }
}

/** A service's program is src/main.ts; the command's is its `bin`. */
function programOf(root: string, { folder, manifest }: Workspace): string {
  const path = join(folder, Object.values(manifest.bin ?? {})[0] ?? "src/main.ts");
  if (!existsSync(join(root, path))) throw new Error(`${path} is missing: ${manifest.name} has no program`);
  return path;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

function writeJson(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}
