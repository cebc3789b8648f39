import { publicId, type Uuid } from "@kassa/kernel/id";
import type { CheckName } from "../../src/proof/proof.ts";
import type { Books, Story } from "../books.ts";

/** One way to spoil correct books, and what a proof must say of it. */
export type Corruption = {
  readonly title: string;
  /** SQL with $1 for the id of the target, or a change of the provider's report. */
  readonly sql?: string;
  readonly report?: (books: Books, story: Story) => void;
  /** A table whose check constraints are dropped before: whoever corrupts a database does not ask them. */
  readonly unchecked?: "ledger_balances";
  readonly target: (story: Story) => string;
  /** The faults that the proof must name: check, what, id. Nothing else may be at fault. */
  readonly faults: (target: string, story: Story) => readonly (readonly [CheckName, string, string | RegExp])[];
};

export const paymentId = (story: Story) => story.refunded.id;
export const pay = (id: string) => publicId("payment", id as Uuid);
export const op = (id: string) => publicId("operation", id as Uuid);
export const re = (id: string) => publicId("refund", id as Uuid);
/** The transfers that completed the refunded payment and settled its first refund; both sealed. */
export const captureId = (story: Story) => story.refunded.operations[0]?.id ?? "";
export const settleId = (story: Story) => story.refunded.refunds[0]?.operationId ?? "";
export const openRefund = (story: Story) => story.refunding.refunds[0]?.id ?? "";
export const account = /^account \d+$/;
