/**
 * Fills the compile cache of an image: imports whatever its programs would, so that a start in a container reads code that is compiled already.
 *
 *     NODE_COMPILE_CACHE=<folder> node scripts/images/bake-compile-cache.ts <app>
 *
 * Run it as the user of the image: Node keeps a cache for each user, version and architecture. It may import nothing but Node's own.
 */
import { globSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What acts when it is imported. A line or two each, so nothing is lost. */
const PROGRAMS = /\/(main|migrate|kassa|take-environment|end-with-parent)\.ts$/;
/** What the product loads by `require` and only when it is configured. */
const LOADED_LATE = [
  { by: "packages/platform/package.json", name: "@opentelemetry/exporter-trace-otlp-grpc" },
] as const;

const [app] = process.argv.slice(2);
if (app === undefined || process.env.NODE_COMPILE_CACHE === undefined) {
  throw new Error("usage: NODE_COMPILE_CACHE=<folder> bake-compile-cache.ts <app>");
}
await bake(app);
// Whatever an import may have opened must not keep the build waiting.
process.exit();

async function bake(folder: string): Promise<void> {
  const modules = globSync(["packages/*/src/**/*.ts", "services/*/src/**/*.ts", "cli/src/**/*.ts"], { cwd: folder })
    .filter((path) => !PROGRAMS.test(`/${path}`) && !path.endsWith(".d.ts"))
    .sort();
  for (const path of modules) await import(pathToFileURL(join(folder, path)).href);
  for (const { by, name } of LOADED_LATE) createRequire(join(folder, by))(name);
  console.log(`compiled ${modules.length} modules of ours and what they import`);
}
