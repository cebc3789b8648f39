import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What of a package.json the images need. */
export type Manifest = {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
};

/** A workspace of the repository: its folder from the root, with slashes, and its package.json. */
export type Workspace = { readonly folder: string; readonly manifest: Manifest };

/** Names of what gets an image of its own: every service, and the command. Sorted. */
export function imageNames(root: string): string[] {
  const services = globSync("services/*/package.json", { cwd: root }).map((path) => dirname(path).slice(9));
  return [...services, "cli"].sort();
}

/** The workspace that a name of an image stands for, first, and every workspace it depends on. An unknown name throws. */
export function workspaceClosure(root: string, name: string): Workspace[] {
  const folder = name === "cli" ? "cli" : `services/${name}`;
  if (!existsSync(join(root, folder, "package.json"))) {
    throw new Error(`no service ${name}; there are: ${imageNames(root).join(", ")}`);
  }
  const all = new Map(readWorkspaces(root).map((workspace) => [workspace.manifest.name, workspace]));
  const first: Workspace = { folder, manifest: readManifest(root, folder) };
  const closure = new Map([[first.manifest.name, first]]);
  // A map visits what is added to it while it is visited: each workspace once.
  for (const { manifest } of closure.values()) {
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const workspace = all.get(dependency);
      if (workspace !== undefined) closure.set(dependency, workspace);
    }
  }
  return [...closure.values()];
}

function readWorkspaces(root: string): Workspace[] {
  const { workspaces = [] } = readManifest(root, ".");
  return workspaces
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    .map(dirname)
    .map((folder) => ({ folder, manifest: readManifest(root, folder) }));
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}
