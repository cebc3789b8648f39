import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifestReader } from "./read-manifests.ts";

const printed = `---
# Source: till/templates/a.yaml
kind: A
text: |
  ---
  no: document
---
# Source: till/templates/nothing.yaml
---
# Source: till/templates/b.yaml
kind: B
word: "on"
`;

describe("what helm template prints", () => {
  it("is read as its objects; a line of dashes inside a text is part of it", () => {
    assert.deepEqual(new ManifestReader().read(printed), [
      { kind: "A", text: "---\nno: document\n" },
      { kind: "B", word: "on" },
    ]);
  });

  it("is read once for each document", () => {
    const reader = new ManifestReader();
    const [first] = reader.read(printed);
    const [again, changed] = reader.read(printed.replace("kind: B", "kind: C"));
    assert.equal(again, first);
    assert.equal(changed?.kind, "C");
  });

  it("is refused when it is no YAML, or when a key comes twice", () => {
    const reader = new ManifestReader();
    assert.throws(() => reader.read("a: b: c\n"), /YAML|mapping/i);
    assert.throws(() => reader.read("a: 1\na: 2\n"), /unique/);
  });
});
