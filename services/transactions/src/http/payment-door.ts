import type { CardToken } from "@kassa/contracts/acquirer-routes";
import type { ErrorCode } from "@kassa/contracts/error-codes";
import type { PaymentMethod } from "@kassa/contracts/payment-events";
import type { PaymentRequest } from "@kassa/contracts/payment-routes";
import { Problem } from "@kassa/contracts/problem";
import type { Clock } from "@kassa/kernel/clock";
import { isCurrency } from "@kassa/kernel/currency";
import type { PaymentView, RefundView } from "../domain/view.ts";
import type { OutcomeWaiter, PaymentReader, PaymentStore, Vault } from "../ports.ts";

/** What the routes of payments need. */
export type PaymentDoor = {
  readonly store: PaymentStore;
  readonly queries: PaymentReader;
  readonly vault: Vault;
  readonly provider: string;
  readonly clock: Clock;
  readonly idempotencySecret: string;
  readonly paymentWaiters: OutcomeWaiter<PaymentView>;
  readonly refundWaiters: OutcomeWaiter<RefundView>;
};

/** @throws Problem unsupported_currency */
export function checkCurrency(currency: string): void {
  if (isCurrency(currency)) return;
  throw new Problem("unsupported_currency", `${currency} is no ISO 4217 currency in circulation.`, {
    param: "currency",
  });
}

/**
 * The token that the payment will use; a raw card is exchanged for one while the client waits.
 * @throws Problem card_invalid, unknown_payment_method, unavailable
 */
export async function methodOf(vault: Vault, request: PaymentRequest, deadlineAtMs: number): Promise<PaymentMethod> {
  const given = request.payment_method;
  if (typeof given !== "string") return method(await vault.tokenize(given.card, deadlineAtMs));
  const token = await vault.describe(given, deadlineAtMs);
  if (token !== undefined) return method(token);
  throw new Problem("unknown_payment_method", `The provider knows no token ${given}.`, { param: "payment_method" });
}

/** The code of a refusal that is stored as an answer. */
export type StoredRefusal = { readonly code: ErrorCode; readonly detail: string };

// Picked member by member: what a provider may add one day must not reach an event unseen.
function method(token: CardToken): PaymentMethod {
  const { bin, exp_month, exp_year, country } = token;
  return {
    token: token.token,
    brand: token.brand,
    last4: token.last4,
    ...(bin === undefined ? {} : { bin }),
    ...(exp_month === undefined ? {} : { exp_month }),
    ...(exp_year === undefined ? {} : { exp_year }),
    ...(country === undefined ? {} : { country }),
  };
}
