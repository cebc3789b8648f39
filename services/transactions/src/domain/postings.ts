import type { Uuid } from "@kassa/kernel/id";
import type { Payment, RecordedEvent } from "./payment.ts";

/** Which account: the merchant's money that we owe it, or what the provider owes us for that merchant. */
export type AccountKey = {
  readonly merchantId: Uuid;
  readonly kind: "merchant" | "provider";
  /** The provider's name; empty for a merchant's account. */
  readonly party: string;
  readonly currency: string;
};

/**
 * One double-entry transfer: `amountMinor` leaves the debited account and reaches the credited one. `hold` reserves it on
 * the debited account, `settle` moves what `holdId` reserved, `release` gives the reservation back.
 */
export type Transfer = {
  readonly id: Uuid;
  readonly kind: "post" | "hold" | "settle" | "release";
  readonly holdId: Uuid | undefined;
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amountMinor: bigint;
  readonly merchantId: Uuid;
  readonly paymentId: Uuid;
  readonly occurredAtMs: number;
};

/** What an event does to the books. `payment` is the state after the event. Ids derive from operations, so twice is once. */
export function postings(payment: Payment, event: RecordedEvent): readonly Transfer[] {
  const common = { merchantId: payment.merchantId, paymentId: payment.id, occurredAtMs: event.occurredAtMs };
  const merchant = merchantAccount(payment);
  const provider = providerAccount(payment);
  switch (event.type) {
    case "payment.completed": {
      const amountMinor = BigInt(event.data.amount_captured);
      const id = event.data.operation_id as Uuid;
      return [{ ...common, id, kind: "post", holdId: undefined, debit: provider, credit: merchant, amountMinor }];
    }
    case "refund.requested": {
      const amountMinor = BigInt(event.data.amount);
      const id = event.data.refund_id as Uuid;
      return [{ ...common, id, kind: "hold", holdId: undefined, debit: merchant, credit: provider, amountMinor }];
    }
    case "refund.succeeded":
    case "refund.failed": {
      const holdId = event.data.refund_id as Uuid;
      const refund = payment.refunds.find(({ id }) => id === holdId);
      const kind = event.type === "refund.succeeded" ? "settle" : "release";
      const id = event.data.operation_id as Uuid;
      return [
        { ...common, id, kind, holdId, debit: merchant, credit: provider, amountMinor: refund?.amountMinor ?? 0n },
      ];
    }
    default:
      return [];
  }
}

function merchantAccount({ merchantId, currency }: Payment): AccountKey {
  return { merchantId, kind: "merchant", party: "", currency };
}

function providerAccount({ merchantId, currency, provider }: Payment): AccountKey {
  return { merchantId, kind: "provider", party: provider, currency };
}
