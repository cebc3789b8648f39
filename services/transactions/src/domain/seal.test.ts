import assert from "node:assert/strict";
import { test } from "node:test";
import type { Uuid } from "@kassa/kernel/id";
import { GENESIS, type SealedTransfer, sealHash, sealLine } from "./seal.ts";

const post: SealedTransfer = {
  id: "019b7697-0000-7000-8000-000000000001" as Uuid,
  kind: "post",
  holdId: null,
  debitAccount: 1n,
  creditAccount: 2n,
  amountMinor: 1999n,
  currency: "EUR",
  merchantId: "019b7697-0000-7000-8000-00000000000a" as Uuid,
  paymentId: "019b7697-0000-7000-8000-00000000000b" as Uuid,
  occurredAtMs: 1_767_225_600_123,
};

const settle: SealedTransfer = {
  ...post,
  id: "019b7697-0000-7000-8000-000000000002" as Uuid,
  kind: "settle",
  holdId: "019b7697-0000-7000-8000-000000000003" as Uuid,
};

test("a transfer is one line with every column", () => {
  assert.equal(
    sealLine(settle),
    "019b7697-0000-7000-8000-000000000002|settle|019b7697-0000-7000-8000-000000000003|1|2|1999|EUR|" +
      "019b7697-0000-7000-8000-00000000000a|019b7697-0000-7000-8000-00000000000b|1767225600123\n",
  );
});

test("the hash of a block never changes: printf '\\0 x 32, the lines' | sha256sum gives the same", () => {
  const hash = sealHash(GENESIS, [post, settle]);
  assert.equal(hash.toString("hex"), "708e7f7bc8bf77be56778947748dead8c757e4f8ceed8f80744fab2627df851f");
});

test("order, content and the previous block all count", () => {
  const hash = sealHash(GENESIS, [post, settle]).toString("hex");
  assert.notEqual(sealHash(GENESIS, [settle, post]).toString("hex"), hash);
  assert.notEqual(sealHash(GENESIS, [post, { ...settle, amountMinor: 2000n }]).toString("hex"), hash);
  assert.notEqual(sealHash(Buffer.alloc(32, 1), [post, settle]).toString("hex"), hash);
});
