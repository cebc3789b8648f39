/**
 * `npm run images`: an image for every service and for the command, and the list of what each holds.
 *
 *     node scripts/images/build-images.ts [--tag <tag>] [--only transactions,fraud] [--repository docker.io/kassa]
 *                                         [--builder docker|buildah|auto] [--load kind|minikube|none] [--sbom <folder>]
 *
 * The tag is the product's version when none is given, as it is the charts'. KASSA_IMAGE_BUILD is a command that builds in place of docker or buildah; it takes `--tag`, `--build-arg` and the context as `docker build` does.
 * KASSA_IMAGE_LOAD is a command that brings the image named by its argument to the cluster.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { chooseBuilder, commandLoader, loaders } from "./builders.ts";
import { imageNames } from "./workspace-closure.ts";
import { writeSbom } from "./write-sbom.ts";

const root = dirname(dirname(import.meta.dirname));
const { values: options } = parseArgs({
  options: {
    tag: { type: "string", default: productVersion() },
    only: { type: "string" },
    repository: { type: "string", default: "docker.io/kassa" },
    builder: { type: "string", default: "auto" },
    load: { type: "string" },
    sbom: { type: "string", default: join(".cache", "sbom") },
  },
});

try {
  buildImages();
} catch (error) {
  console.error(`images: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function buildImages(): void {
  const services = options.only?.split(",").map((name) => name.trim()) ?? imageNames(root);
  const unknown = services.filter((name) => !imageNames(root).includes(name));
  if (unknown.length > 0)
    throw new Error(`no service ${unknown.join(", ")}; there are: ${imageNames(root).join(", ")}`);
  const load = chooseLoader();
  const builder = chooseBuilder(options.builder, process.env.KASSA_IMAGE_BUILD);
  const described = { VERSION: productVersion(), REVISION: revision() };

  const built = services.map((service) => {
    const started = performance.now();
    const image = `${options.repository}/${service}:${options.tag}`;
    console.log(`\n== ${image}, by ${builder.name}`);
    writeSbom(root, service, join(root, options.sbom, `${service}.cdx.json`));
    builder.build({ image, arguments: { SERVICE: service, ...described } }, root);
    load(image, builder);
    return { image, size: builder.size(image) ?? "unknown", seconds: Math.round((performance.now() - started) / 1000) };
  });
  console.log();
  for (const { image, size, seconds } of built) console.log(`${image}  ${size}  ${seconds} s`);
  console.log(`what they hold: ${options.sbom}/*.cdx.json`);
}

function chooseLoader() {
  const command = process.env.KASSA_IMAGE_LOAD;
  if (options.load === undefined && command !== undefined) return commandLoader(command);
  const loader = loaders[options.load ?? "none"];
  if (loader === undefined) throw new Error(`--load must be one of ${Object.keys(loaders).join(", ")}`);
  return loader;
}

function productVersion(): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

/** The commit that the images are built from, marked when the working copy differs. */
function revision(): string {
  const git = (...words: string[]) => spawnSync("git", words, { cwd: root, encoding: "utf8" }).stdout?.trim() ?? "";
  const commit = git("rev-parse", "HEAD");
  if (commit === "") return "unknown";
  return git("status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}
