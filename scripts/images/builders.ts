import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What an image is built from. */
export type Build = { readonly image: string; readonly arguments: Readonly<Record<string, string>> };

/** A program that builds images. `image` is a full name: registry, repository and tag. */
export type Builder = {
  readonly name: string;
  readonly build: (build: Build, root: string) => void;
  /** In words, as the program prints it; undefined when it does not know the image. */
  readonly size: (image: string) => string | undefined;
  /** Writes the image where `kind load image-archive` reads it. */
  readonly save: (image: string, file: string) => void;
};

const PROBE_TIMEOUT_MS = 10_000;

const docker: Builder = {
  name: "docker",
  build: ({ image, arguments: given }, root) =>
    run(["docker", "build", "--tag", image, ...buildArguments(given), root], { DOCKER_BUILDKIT: "1" }),
  size: (image) => {
    const bytes = ask(["docker", "image", "inspect", "--format", "{{.Size}}", image]);
    return bytes === undefined ? undefined : `${Math.round(Number(bytes) / 1e6)} MB`;
  },
  save: (image, file) => run(["docker", "save", "--output", file, image]),
};

const buildah: Builder = {
  name: "buildah",
  // The format of Docker: OCI's has no place for everything that a Dockerfile says.
  build: ({ image, arguments: given }, root) =>
    run(["buildah", "build", "--layers", "--format", "docker", "--tag", image, ...buildArguments(given), root]),
  size: (image) => ask(["buildah", "images", "--format", "{{.Size}}", image]),
  save: (image, file) => run(["buildah", "push", image, `docker-archive:${file}:${image}`]),
};

/** Asked in this order whether they are there; docker only with a running engine. */
const builders = [
  { builder: docker, probe: ["docker", "info", "--format", "{{.ID}}"] },
  { builder: buildah, probe: ["buildah", "info"] },
] as const;

/**
 * The builder of that name, or the first one that is there for `auto`. A command, when given, builds in its place: it takes what `docker build`
 * takes (`--tag`, `--build-arg`, the context). None that works throws.
 */
export function chooseBuilder(name: string, command: string | undefined): Builder {
  const wanted = builders.filter(({ builder }) => name === "auto" || builder.name === name);
  const found = wanted.find(({ probe }) => ask(probe) !== undefined)?.builder;
  if (command !== undefined) return commandBuilder(command, found ?? docker);
  if (found === undefined) {
    throw new Error(
      `no program to build images: ${name === "auto" ? "docker with a running engine, or buildah" : name}`,
    );
  }
  return found;
}

function commandBuilder(command: string, store: Builder): Builder {
  const build: Builder["build"] = ({ image, arguments: given }, root) =>
    run([...command.trim().split(/\s+/), "--tag", image, ...buildArguments(given), root]);
  return { ...store, name: command, build };
}

/** The name that kind.yaml gives its cluster; kind's own variable says another. */
const kindCluster = process.env.KIND_CLUSTER_NAME ?? "kassa";

/** Ways to bring an image to the nodes of a cluster; `kind` and `minikube` are their programs' names. */
export const loaders: Readonly<Record<string, (image: string, builder: Builder) => void>> = {
  none: () => {},
  kind: (image, builder) =>
    withArchive(image, builder, (file) => run(["kind", "load", "image-archive", file, "--name", kindCluster])),
  minikube: (image, builder) => withArchive(image, builder, (file) => run(["minikube", "image", "load", file])),
};

/** A loader that is a command of one's own, given the image's name. */
export function commandLoader(command: string): (image: string) => void {
  return (image) => run([...command.trim().split(/\s+/), image]);
}

function withArchive(image: string, builder: Builder, load: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "kassa-image-"));
  try {
    const file = join(folder, "image.tar");
    builder.save(image, file);
    load(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildArguments(given: Build["arguments"]): string[] {
  return Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
}

/** Runs a command with its output on ours; one that fails throws. */
function run(words: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const [program = "", ...rest] = words;
  const { status, error } = spawnSync(program, rest, { stdio: "inherit", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${words.join(" ")}: ${error?.message ?? `ended with ${status}`}`);
}

/** What a command prints, without the space around it; undefined when it cannot be run or fails. */
function ask(words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words;
  const { status, stdout } = spawnSync(program, rest, { encoding: "utf8", timeout: PROBE_TIMEOUT_MS });
  return status === 0 ? stdout.trim() : undefined;
}
