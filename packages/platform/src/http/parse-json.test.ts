import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problem } from "@kassa/contracts/problem";
import { parseJson } from "./parse-json.ts";

function codeOf(bytes: Buffer | string): string | undefined {
  try {
    parseJson(Buffer.from(bytes as string));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error.code;
  }
}

describe("parseJson", () => {
  it("reads what JSON allows, escapes and all planes of Unicode too", () => {
    assert.deepEqual(parseJson(Buffer.from('{"a":[1,"\\u00e9\\ud83d\\ude00😀"]}')), { a: [1, "é😀😀"] });
  });

  it("refuses what is not JSON or not UTF-8 without quoting it", () => {
    for (const text of ["", "{", "{'a':1}", '{"a":4242424242424242', "NaN"]) assert.equal(codeOf(text), "invalid_json");
    assert.equal(codeOf(Buffer.from([0x22, 0xc3, 0x28, 0x22])), "invalid_json");
    assert.throws(
      () => parseJson(Buffer.from('{"n":4242x')),
      (error) => !String(error).includes("4242"),
    );
  });

  it("refuses U+0000 and half surrogates in values and names, at any depth", () => {
    const texts = ['"\\u0000"', '{"a":{"b":["x","\\ud800"]}}', '{"\\udc00":1}', '{"a\\u0000":1}', '["\\ude00\\ud83d"]'];
    for (const text of texts) assert.equal(codeOf(text), "invalid_text", text);
    assert.throws(() => parseJson(Buffer.from('{"a":{"b":["x","\\ud800"]}}')), { param: "a.b.1" });
  });

  it("takes a body nested deeper than the stack", () => {
    const depth = 100_000;
    const nested = `${'{"a":'.repeat(3000)}"\\u0000"${"}".repeat(3000)}`;
    assert.equal(codeOf(nested), "invalid_text");
    assert.ok(["invalid_json", undefined].includes(codeOf("[".repeat(depth) + "]".repeat(depth))));
  });
});
