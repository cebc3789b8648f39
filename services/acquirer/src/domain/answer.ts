import type { ChargeBody, ProviderRefundBody } from "@kassa/contracts/acquirer-routes";
import type { Charge, Refund } from "./charge.ts";
import type { StoredAnswer } from "./operation.ts";

/** The answer that shows a charge as it stands. */
export function chargeAnswer(charge: Charge): StoredAnswer {
  const { decline } = charge;
  const body: ChargeBody = {
    id: charge.id,
    status: charge.status,
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: charge.amountRefunded,
    currency: charge.currency,
    decline: decline === null ? null : { code: decline.code, decline_code: decline.declineCode },
    metadata: { operation_id: charge.operationId },
    created_at: new Date(charge.createdAtMs).toISOString(),
  };
  return { ok: true, body: JSON.stringify(body) };
}

/** The answer that shows a refund as it stands. */
export function refundAnswer(refund: Refund): StoredAnswer {
  const body: ProviderRefundBody = {
    id: refund.id,
    charge: refund.chargeId,
    amount: refund.amount,
    status: refund.status,
    failure_code: refund.failureCode,
    metadata: { operation_id: refund.operationId },
  };
  return { ok: true, body: JSON.stringify(body) };
}
