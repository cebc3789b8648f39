import type { BoundRoute } from "@kassa/platform/http";
import type { WebhookReader, WebhookStore } from "../ports.ts";
import { cancelPaymentRoute, capturePaymentRoute, createRefundRoute } from "./amend-payment.ts";
import { createPaymentRoute } from "./create-payment.ts";
import { createPaymentBatchRoute } from "./create-payment-batch.ts";
import type { PaymentDoor } from "./payment-door.ts";
import {
  getPaymentRoute,
  getRefundRoute,
  listBalancesRoute,
  listPaymentEventsRoute,
  listPaymentsRoute,
} from "./read-payments.ts";
import { receiveWebhookRoute } from "./receive-webhook.ts";

/** Every route of the service; the table they are bound to is in contracts. */
export function routes(door: PaymentDoor, webhooks: WebhookStore, outcomeOf: WebhookReader): readonly BoundRoute[] {
  return [
    createPaymentRoute(door),
    createPaymentBatchRoute(door),
    capturePaymentRoute(door),
    cancelPaymentRoute(door),
    createRefundRoute(door),
    getPaymentRoute(door.queries),
    listPaymentsRoute(door.queries),
    listPaymentEventsRoute(door.queries),
    getRefundRoute(door.queries),
    listBalancesRoute(door.queries),
    receiveWebhookRoute(door.store, webhooks, door.provider, outcomeOf),
  ];
}
