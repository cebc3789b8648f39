import { stringify } from "yaml";
import type { GoValue } from "../expression/go-value.ts";

/** A text whose meaning is the YAML in it. */
export class YamlText {
  readonly content: GoValue;

  constructor(content: GoValue) {
    this.content = content;
  }

  toString(): string {
    return stringify(this.content, { version: "1.1" });
  }
}
