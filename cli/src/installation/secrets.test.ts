import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openDataFolder } from "./data-folder.ts";
import { Refusal } from "./refusal.ts";
import { openSecrets, readSecrets } from "./secrets.ts";

const root = mkdtempSync(join(tmpdir(), "kassa-secrets-"));
after(() => rmSync(root, { recursive: true }));

test("secrets are made once, are the same ever after, and no two folders share one", () => {
  const [one, other] = [openDataFolder(join(root, "one")), openDataFolder(join(root, "other"))];
  assert.equal(readSecrets(one), undefined);
  const made = openSecrets(one);
  assert.deepEqual(openSecrets(one), made);
  const values = [...Object.values(made), ...Object.values(openSecrets(other))];
  assert.equal(new Set(values).size, values.length);
});

test("the sandbox key has the form that the API takes, and only the owner can read the file", () => {
  const folder = openDataFolder(join(root, "form"));
  assert.match(openSecrets(folder).apiKey, /^sk_test_[0-9A-Za-z]{32}$/);
  assert.equal(statSync(folder.secretsFile).mode & 0o777, 0o600);
});

test("a damaged file is refused and left as it is: its key may still be wanted", () => {
  const folder = openDataFolder(join(root, "damaged"));
  for (const text of ["", "{", "[]", "null", `{"apiKey":"sk_test_1"}`]) {
    writeFileSync(folder.secretsFile, text);
    assert.throws(() => openSecrets(folder), Refusal);
    assert.equal(readFileSync(folder.secretsFile, "utf8"), text);
  }
});
