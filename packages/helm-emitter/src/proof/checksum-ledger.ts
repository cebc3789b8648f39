import type { RenderedObject } from "../chart/synthesize.ts";
import { goJson } from "../expression/go-text.ts";
import { type GoValue, isGoList, isGoMap } from "../expression/go-value.ts";
import { YamlText } from "../template/yaml-text.ts";
import type { SeenChecksum } from "./compare-objects.ts";

/** Over many cases: a file's checksum changes when, and only when, the objects of the file change. */
export class ChecksumLedger {
  readonly #digestOf = new Map<string, string>();
  readonly #contentOf = new Map<string, string>();

  /** What is wrong with the checksums of one case. */
  record(objects: readonly RenderedObject[], checksums: readonly SeenChecksum[]): string[] {
    return checksums.flatMap(({ chart, file, digest }) => {
      const place = `${chart}/${file}`;
      const content = objects
        .filter((object) => object.chart === chart && object.file === file)
        .map(({ object }) => goJson(readable(object)))
        .join("\n");
      const faults = [];
      if ((this.#digestOf.get(`${place}\n${content}`) ?? digest) !== digest)
        faults.push(`${place}: the same objects have two checksums`);
      if ((this.#contentOf.get(`${place} ${digest}`) ?? content) !== content)
        faults.push(`${place}: two contents have one checksum`);
      this.#digestOf.set(`${place}\n${content}`, digest);
      this.#contentOf.set(`${place} ${digest}`, content);
      return faults;
    });
  }
}

function readable(value: GoValue): GoValue {
  if (value instanceof YamlText) return readable(value.content);
  if (isGoList(value)) return value.map(readable);
  if (isGoMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
  return value;
}
