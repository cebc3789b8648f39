import type { Clock } from "@kassa/kernel/clock";
import type { AnswerWay } from "../domain/behaviour.ts";
import type { StoredAnswer } from "../domain/operation.ts";
import type { OperationRequest } from "../domain/request.ts";
import type { OperationBook } from "../ports.ts";

export type OperationPorts = { readonly book: OperationBook; readonly clock: Clock };

/** What every operation of the merchant carries. */
export type Sent = {
  /** The Idempotency-Key. */
  readonly key: string;
  /** The merchant's own id of the operation. */
  readonly operationId: string;
};

export type { AnswerWay };

/** What the merchant is told, and how the telling travels. */
export type OperationReply =
  | {
      readonly kind: "answered";
      readonly answer: StoredAnswer;
      readonly isReplayed: boolean;
      readonly way: AnswerWay;
      /** Of the webhook that tells of the operation's end, when there is one. */
      readonly messageId: string;
    }
  | { readonly kind: "in_flight"; readonly retryAfterS: number }
  | { readonly kind: "key_reused" };

/** Makes the operation once, however often it is asked for. Rejects as OperationBook.record does. */
export async function executeOperation(
  request: OperationRequest,
  { book, clock }: OperationPorts,
): Promise<OperationReply> {
  const outcome = await book.record(request);
  switch (outcome.kind) {
    case "made": {
      const { way, messageId, operation } = outcome;
      return { kind: "answered", answer: operation.answer, isReplayed: false, way, messageId };
    }
    case "replayed": {
      const { answer, visibleAtMs } = outcome.operation;
      const hiddenMs = visibleAtMs === null ? 0 : visibleAtMs - clock.now();
      if (hiddenMs > 0) return { kind: "in_flight", retryAfterS: Math.ceil(hiddenMs / 1000) };
      return { kind: "answered", answer, isReplayed: true, way: "at_once", messageId: "" };
    }
    case "key_reused":
      return outcome;
    case "completed":
      throw new Error("a completion is not answered to anybody");
  }
}
