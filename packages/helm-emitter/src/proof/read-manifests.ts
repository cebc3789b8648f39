import { parse, parseAllDocuments } from "yaml";
import type { Json, JsonObject } from "../json.ts";

type Tag = { readonly tag?: string; readonly test?: RegExp };

const TIMESTAMP = "tag:yaml.org,2002:timestamp";
/** Go needs a digit before an exponent and around a dot: `.` and `e-8` are texts. */
const FLOAT = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/;
const FLOAT_WITH_EXPONENT = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$/;

function asGoReads(tag: Tag): Tag {
  if (tag.test?.test("e-8") === true) return { ...tag, test: FLOAT_WITH_EXPONENT };
  return tag.test?.test(".") === true ? { ...tag, test: FLOAT } : tag;
}

/** YAML as Go's parser reads it: version 1.1, without dates. A key that occurs twice is an error. */
const options = {
  version: "1.1",
  uniqueKeys: true,
  customTags: (tags: readonly Tag[]) => tags.filter(({ tag }) => tag !== TIMESTAMP).map(asGoReads),
} as const;

/** Reads what `helm template` prints. Many cases print mostly the same documents, and reading one takes long: each is read once. */
export class ManifestReader {
  readonly #known = new Map<string, readonly JsonObject[]>();

  /** The objects in it. @throws Error with the first text that is no YAML */
  read(text: string): JsonObject[] {
    return text.split(/^---\n/m).flatMap((document) => {
      const objects = this.#known.get(document) ?? readDocuments(document);
      this.#known.set(document, objects);
      return objects;
    });
  }
}

function readDocuments(text: string): JsonObject[] {
  return parseAllDocuments(text, options as never).flatMap((document) => {
    const [error] = "errors" in document ? document.errors : [];
    if (error !== undefined) throw error;
    const object = document.toJS() as JsonObject | null;
    return object === null ? [] : [object];
  });
}

export function readYaml(text: string): Json {
  return parse(text, options as never) as Json;
}
