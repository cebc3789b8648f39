import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { it } from "node:test";
import { acquirerConfig } from "../src/config.ts";
import { cardsTable } from "./cards-table.ts";

const README = new URL("../README.md", import.meta.url);
const BETWEEN = /(<!-- cards -->)[\s\S]*?(<!-- \/cards -->)/;

it("the README shows the table of cards as the code has it (UPDATE_README=1 writes it)", () => {
  const text = readFileSync(README, "utf8");
  assert.match(text, BETWEEN);
  const right = text.replace(BETWEEN, `$1\n\n${cardsTable()}\n\n$2`);
  if (process.env.UPDATE_README === "1") writeFileSync(README, right);
  else assert.equal(text, right);
});

it("the README names the acquirer's own variables", () => {
  const text = readFileSync(README, "utf8");
  for (const name of Object.keys(acquirerConfig.properties).filter((each) => !each.startsWith("HTTP_"))) {
    assert.ok(text.includes(`\`${name}\``), name);
  }
});
