import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Schema = { readonly [keyword: string]: unknown };

type Heading = {
  readonly source: string;
  readonly version: string;
  /** `apiVersion kind` to the name of its definition. */
  readonly kinds: Readonly<Record<string, string>>;
};
type Line = { readonly name: string; readonly schema: Schema };

const folder = join(import.meta.dirname, "schemas");

/** A file that `npm run charts:schemas` has written: a heading, then a definition a line. */
function readVendored(file: string): { readonly heading: Heading; readonly $defs: Readonly<Record<string, Schema>> } {
  const [heading, ...lines] = readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
  const definitions = lines.map((line) => JSON.parse(line) as Line);
  return {
    heading: JSON.parse(heading ?? "") as Heading,
    $defs: Object.fromEntries(definitions.map(({ name, schema }) => [name, schema])),
  };
}

/** Definitions of Kubernetes' own kinds, for what others refer to. */
export function kubernetesDefinitions(): Readonly<Record<string, Schema>> {
  return readVendored("kubernetes.jsonl").$defs;
}

/** The schema of each vendored kind, as `apiVersion kind`. */
export function vendoredSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    globSync("*.jsonl", { cwd: folder }).flatMap((file) => {
      const { heading, $defs } = readVendored(file);
      return Object.entries(heading.kinds).map(([kind, name]) => [kind, { $ref: `#/$defs/${name}`, $defs }]);
    }),
  );
}
