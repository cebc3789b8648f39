import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import Type from "typebox";
import { parse } from "yaml";
import {
  type ChartOptions,
  type Content,
  capabilities,
  chartFiles,
  checksum,
  choose,
  defineChart,
  each,
  fileText,
  kubeObject,
  printf,
  release,
  text,
  textTemplate,
  trunc,
  valuesRef,
  writeChart,
} from "../index.ts";

const values = Type.Object({
  word: Type.String({ default: "w", description: "a word" }),
  list: Type.Array(Type.Array(Type.String())),
});
const v = valuesRef(values);

function options(spec: Content, more: Partial<ChartOptions> = {}): ChartOptions {
  return {
    name: "one",
    version: "1.0.0",
    appVersion: "2",
    description: "One: a chart.",
    values,
    files: [
      {
        path: "templates/one.yaml",
        documents: [kubeObject({ apiVersion: "v1", kind: "One", metadata: { name: "one" }, spec })],
      },
    ],
    generator: "a test",
    ...more,
  };
}

const refuses = (sentence: RegExp, spec: Content, more?: Partial<ChartOptions>) =>
  assert.throws(() => chartFiles(defineChart(options(spec, more))), sentence);

describe("a chart's definition", () => {
  it("is refused when it reads what is not there", () => {
    refuses(/checksum of templates\/two.yaml: there are templates\/one.yaml/, checksum("templates/two.yaml"));
    refuses(/fileText of a.txt: there are b.txt/, fileText("a.txt"), { assets: { "b.txt": "" } });
    refuses(/one.name is included but not among the chart's templates/, textTemplate("one.name", "", v.word).include);
    const other = valuesRef(Type.Object({ wurd: Type.String() }));
    refuses(/.Values.wurd is read, but not among its values: there are word, list/, other.wurd);
    assert.throws(
      () => (v as unknown as Record<string, unknown>).wird,
      /.Values has no key "wird": there are word, list/,
    );
  });

  it("is refused when files would cover each other or leave the templates' folder", () => {
    const file = { path: "templates/a.yaml", documents: [] };
    refuses(/two files are templates\/a.yaml/, {}, { files: [file, file] });
    refuses(/must look like templates\/name.yaml/, {}, { files: [{ ...file, path: "a.yaml" }] });
    refuses(/is written by the emitter/, {}, { files: [{ ...file, path: "templates/checks.yaml" }] });
    refuses(/would be a template/, {}, { assets: { "templates/a.txt": "" } });
  });

  it("is refused when an expression cannot be printed where it stands", () => {
    refuses(/choose must stand alone/, trunc(choose(v.word, "a", "b"), 3));
    refuses(
      /variable \$outer hides one of an outer loop/,
      each(v.list, "outer", (outer) => [1, each(outer, "outer", (inner) => inner)]),
    );
    let leaked: Content = null;
    each(v.list, "item", (item) => {
      leaked = item;
      return item;
    });
    refuses(/\$item is used outside its loop/, leaked);
    refuses(/starts with a word and ends with a line break/, text`a\n${v.word}`);
    assert.throws(() => capabilities.apiVersions.has("apps/v1"), /every cluster/);
  });

  it("has no function for what the cluster holds or what is random", () => {
    const [template] = [...chartFiles(defineChart(options({ a: v.word }))).values()].filter((one) =>
      one.includes("kind: One"),
    );
    assert.doesNotMatch(template ?? "", /lookup|rand|uuidv4|now/);
  });
});

describe("a chart's files", () => {
  const chart = defineChart(
    options(
      { a: v.word },
      {
        notes: text`Release ${release.name}: ${choose(v.word, printf("%s!", v.word), "nothing")} {{ literal }}\n`,
        readme: { introduction: "Read me.", sections: [{ heading: "Footprint", markdown: "Small." }] },
        keywords: ["a: b", "yes"],
        home: "https://example.test",
      },
    ),
  );
  const files = chartFiles(chart);

  it("name the generator and forbid editing", () => {
    for (const path of ["Chart.yaml", "values.yaml", "README.md", "templates/one.yaml"]) {
      assert.match(files.get(path) ?? "", /^(#|<!--|\{\{- \/\*) Written by a test; do not edit\./, path);
    }
  });

  it("describe the chart", () => {
    assert.deepEqual(parse(files.get("Chart.yaml") ?? "", { version: "1.1" }), {
      apiVersion: "v2",
      name: "one",
      description: "One: a chart.",
      type: "application",
      version: "1.0.0",
      appVersion: "2",
      kubeVersion: ">=1.30.0-0",
      keywords: ["a: b", "yes"],
      home: "https://example.test",
    });
    assert.match(
      files.get("README.md") ?? "",
      /# one\n\nOne: a chart.\n\nRead me.\n\n## Values\n\n\| Key .*\n.*\n\| `word` \| string \| `"w"` \| a word \|\n.*\n\n## Footprint\n\nSmall.\n$/,
    );
    assert.equal(
      files.get("templates/NOTES.txt"),
      'Release {{ .Release.Name }}: {{ if .Values.word }}{{ printf "%s!" .Values.word }}{{ else }}nothing{{ end }} {{ "{{" }} literal }}\n',
    );
  });

  it("replace what was in the folder, but not what Helm put there", () => {
    const folder = mkdtempSync(join(tmpdir(), "chart-"));
    try {
      mkdirSync(join(folder, "charts"));
      mkdirSync(join(folder, "templates"));
      writeFileSync(join(folder, "templates", "stale.yaml"), "");
      writeFileSync(join(folder, "Chart.lock"), "");
      writeChart(chart, folder);
      assert.deepEqual(readdirSync(folder).sort(), [
        ".helmignore",
        "Chart.lock",
        "Chart.yaml",
        "README.md",
        "charts",
        "templates",
        "values.schema.json",
        "values.yaml",
      ]);
      assert.deepEqual(readdirSync(join(folder, "templates")).sort(), ["NOTES.txt", "one.yaml"]);
      assert.equal(readFileSync(join(folder, "values.yaml"), "utf8"), files.get("values.yaml"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
