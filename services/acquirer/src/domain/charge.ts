import type { BehaviourName } from "./behaviour.ts";

export type ChargeStatus = "pending" | "authorized" | "captured" | "declined" | "voided";

export type Decline = { readonly code: string; readonly declineCode: string };

/** A charge as it stands. Amounts are in minor units; 0 <= amountRefunded <= amountCaptured <= amount. */
export type Charge = {
  readonly id: string;
  readonly status: ChargeStatus;
  readonly amount: number;
  readonly amountCaptured: number;
  /** Includes refunds that are pending: they reserve their amount. */
  readonly amountRefunded: number;
  readonly currency: string;
  readonly behaviour: BehaviourName;
  /** True when the authorization captures at once. */
  readonly capturesAtOnce: boolean;
  /** Of the authorization. */
  readonly operationId: string;
  readonly decline: Decline | null;
  readonly createdAtMs: number;
};

export type RefundStatus = "pending" | "succeeded" | "failed";

export type Refund = {
  readonly id: string;
  readonly chargeId: string;
  readonly operationId: string;
  readonly amount: number;
  readonly status: RefundStatus;
  readonly failureCode: string | null;
  readonly createdAtMs: number;
};

/** An amount that really moved: a line of the settlement report before it has its position. */
export type Movement = {
  readonly kind: "capture" | "refund";
  readonly chargeId: string;
  readonly operationId: string;
  readonly amount: number;
  readonly currency: string;
};
