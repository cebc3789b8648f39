import type { Charge, Movement, Refund } from "./charge.ts";
import type { Operation } from "./operation.ts";
import type { WebhookMessage } from "./webhook-message.ts";

/** `off`: nobody listens. `asynchronous`: ends that no answer told of, and fault cards. `all`: every finished operation. */
export type WebhookMode = "off" | "asynchronous" | "all";

/** What decisions depend on beside the request and the state. Delays are in milliseconds. */
export type DecisionContext = {
  readonly nowMs: number;
  readonly webhookMode: WebhookMode;
  /** How long look-ups cannot see a charge that is visible late. */
  readonly lateLookUpMs: number;
  /** How long a pending charge or refund takes to end. */
  readonly completionMs: number;
  /** From a capture to its dispute. */
  readonly disputeMs: number;
};

/** All that one request changes; it is written whole or not at all. */
export type Decision = {
  readonly operation: Operation;
  /** The charge as it is now, when the request made or changed it. */
  readonly charge: Charge | null;
  readonly refund: Refund | null;
  readonly movements: readonly Movement[];
  readonly webhooks: readonly WebhookMessage[];
  /** When the operation, now pending, comes to its end. */
  readonly completeAtMs: number | null;
};
