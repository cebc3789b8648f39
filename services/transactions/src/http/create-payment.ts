import type { PaymentMethod } from "@kassa/contracts/payment-events";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { publicId } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute, type HttpResponse } from "@kassa/platform/http";
import { currentTraceparent } from "@kassa/platform/telemetry";
import { createPayment } from "../commands/create-payment.ts";
import { viewOf } from "../domain/view.ts";
import { awaitPayment } from "./await-outcome.ts";
import { fingerprint } from "./fingerprint.ts";
import { checkCurrency, methodOf, type PaymentDoor } from "./payment-door.ts";
import { presentPayment } from "./present.ts";
import { replay, reply } from "./reply.ts";

const ROUTE = paymentRoutes.createPayment.operationId;

/** POST /v1/payments: durable before it answers 202. */
export function createPaymentRoute(door: PaymentDoor): BoundRoute {
  return bindRoute(paymentRoutes.createPayment, async (request) => {
    const { body, deadlineAtMs } = request;
    const { merchantId } = request.principal;
    const key = request.idempotencyKey as string;
    checkCurrency(body.currency);
    const print = fingerprint(door.idempotencySecret, body);
    const respond = (response: HttpResponse) =>
      request.preferWaitS === undefined ? withLocation(response) : awaitPayment(door, request, response);
    const findAnswer = () => door.store.findAnswer(merchantId, ROUTE, key);
    // A replay must not exchange the card again.
    const known = typeof body.payment_method === "string" ? undefined : await findAnswer();
    if (known !== undefined) return respond(replay(known, print));
    let method: PaymentMethod;
    try {
      method = await methodOf(door.vault, body, deadlineAtMs);
    } catch (error) {
      // Nor may it fail because the provider is away.
      const stored = await findAnswer();
      if (stored === undefined) throw error;
      return respond(replay(stored, print));
    }
    const nowMs = door.clock.now();
    const { change, command } = createPayment({ merchantId, request: body, method, provider: door.provider, nowMs });
    const answer = JSON.stringify(presentPayment(viewOf(change.after)));
    const paymentId = change.after.id;
    const outcome = await door.store.commit({
      claim: { merchantId, route: ROUTE, key, fingerprint: print, status: 202, answer },
      ...(body.reference_unique === true && body.reference !== undefined
        ? { uniqueReferences: [{ merchantId, reference: body.reference, paymentId }] }
        : {}),
      changes: [change],
      commands: [command],
      traceparent: currentTraceparent(),
    });
    return respond(reply(outcome, print, { status: 202, answer, headers: located(publicId("payment", paymentId)) }));
  });
}

function located(id: string): Readonly<Record<string, string>> {
  return { location: `/v1/payments/${id}` };
}

// A replay names the same place as the first answer did.
function withLocation(response: HttpResponse): HttpResponse {
  if (response.status !== 202 || response.headers?.location !== undefined || response.text === undefined)
    return response;
  const { id } = JSON.parse(response.text) as { id: string };
  return { ...response, headers: { ...response.headers, ...located(id) } };
}
