import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { Problem } from "@kassa/contracts/problem";
import { parsePublicId, type Uuid } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import type { PaymentReader } from "../ports.ts";
import { presentPayment, presentRefund } from "./present.ts";

/** GET /v1/payments/{id} */
export function getPaymentRoute(queries: PaymentReader): BoundRoute {
  return bindRoute(paymentRoutes.getPayment, async ({ principal, params }) => {
    const id = parsePublicId("payment", params.id) as Uuid;
    const view = await queries.get(principal.merchantId, id);
    if (view === undefined) throw new Problem("not_found", "You have no payment with this id.");
    return { status: 200, body: presentPayment(view) };
  });
}

/** GET /v1/payments */
export function listPaymentsRoute(queries: PaymentReader): BoundRoute {
  return bindRoute(paymentRoutes.listPayments, async ({ principal, query }) => {
    const { starting_after: cursor, status, limit = 20 } = query;
    const after = cursor === undefined ? undefined : parsePublicId("payment", cursor);
    if (
      cursor !== undefined &&
      (after === undefined || (await queries.get(principal.merchantId, after)) === undefined)
    ) {
      const detail = "Give the id of the last payment of the page before.";
      throw new Problem("invalid_cursor", detail, { param: "starting_after" });
    }
    const page = await queries.list(principal.merchantId, { limit, after, status });
    return { status: 200, body: { data: page.payments.map(presentPayment), has_more: page.hasMore } };
  });
}

/** GET /v1/payments/{id}/events */
export function listPaymentEventsRoute(queries: PaymentReader): BoundRoute {
  return bindRoute(paymentRoutes.listPaymentEvents, async ({ principal, params }) => {
    const id = parsePublicId("payment", params.id) as Uuid;
    const events = await queries.events(principal.merchantId, id);
    if (events.length === 0) throw new Problem("not_found", "You have no payment with this id.");
    const data = events.map(({ version, type, occurredAtMs, data: body }) => ({
      id: `evt_${id.replaceAll("-", "")}_${version}`,
      type,
      version,
      occurred_at: new Date(occurredAtMs).toISOString(),
      data: body,
    }));
    return { status: 200, body: { data } };
  });
}

/** GET /v1/refunds/{id} */
export function getRefundRoute(queries: PaymentReader): BoundRoute {
  return bindRoute(paymentRoutes.getRefund, async ({ principal, params }) => {
    const view = await queries.getRefund(principal.merchantId, parsePublicId("refund", params.id) as Uuid);
    if (view === undefined) throw new Problem("not_found", "You have no refund with this id.");
    return { status: 200, body: presentRefund(view) };
  });
}

/** GET /v1/balances */
export function listBalancesRoute(queries: PaymentReader): BoundRoute {
  return bindRoute(paymentRoutes.listBalances, async ({ principal }) => {
    const balances = await queries.balances(principal.merchantId);
    const data = balances.map(({ currency, posted, held, available }) => ({
      currency,
      posted: posted.toString(),
      held: held.toString(),
      available: available.toString(),
    }));
    return { status: 200, body: { data } };
  });
}
