import type { PaymentBody, RefundBody } from "@kassa/contracts/payment-routes";
import { parsePublicId, type Uuid } from "@kassa/kernel/id";
import type { HttpResponse } from "@kassa/platform/http";
import type { PaymentView, RefundView } from "../domain/view.ts";
import type { PaymentDoor } from "./payment-door.ts";
import { presentPayment, presentRefund } from "./present.ts";

/** What a wait needs of its request. */
type Waiting = {
  readonly principal: { readonly merchantId: Uuid };
  readonly preferWaitS: number | undefined;
  readonly deadlineAtMs: number;
  readonly signal: AbortSignal;
};

/** Milliseconds kept back from the deadline for sending the answer. */
const ANSWER_MS = 500;

/** With `Prefer: wait=N`: the payment as it is once no worker is busy with it, or as it is when the time is over. */
export async function awaitPayment(door: PaymentDoor, request: Waiting, response: HttpResponse): Promise<HttpResponse> {
  if (request.preferWaitS === undefined || response.status !== 202 || response.text === undefined) return response;
  const id = parsePublicId("payment", (JSON.parse(response.text) as PaymentBody).id) as Uuid;
  const { merchantId } = request.principal;
  const watched = { merchantId, id, isSettled };
  const settled = await door.paymentWaiters.wait(watched, waitMs(request), request.signal);
  const view = settled ?? (await door.queries.get(merchantId, id));
  const text = view === undefined ? response.text : JSON.stringify(presentPayment(view));
  return {
    ...response,
    text,
    headers: { ...response.headers, ...applied(request), location: `/v1/payments/${idOf(text)}` },
  };
}

/** The same for a refund. */
export async function awaitRefund(door: PaymentDoor, request: Waiting, response: HttpResponse): Promise<HttpResponse> {
  if (request.preferWaitS === undefined || response.status !== 202 || response.text === undefined) return response;
  const id = parsePublicId("refund", (JSON.parse(response.text) as RefundBody).id) as Uuid;
  const { merchantId } = request.principal;
  const watched = { merchantId, id, isSettled: ({ status }: RefundView) => status !== "pending" };
  const settled = await door.refundWaiters.wait(watched, waitMs(request), request.signal);
  const view = settled ?? (await door.queries.getRefund(merchantId, id));
  const text = view === undefined ? response.text : JSON.stringify(presentRefund(view));
  return { ...response, text, headers: { ...response.headers, ...applied(request) } };
}

// Nothing is under way: a terminal payment, or an authorized one that neither a capture nor a cancel has reserved.
function isSettled(view: PaymentView): boolean {
  if (view.status === "new" || view.status === "processing") return false;
  return view.status !== "authorized" || view.capturableMinor > 0n;
}

function waitMs({ preferWaitS, deadlineAtMs }: Waiting): number {
  return Math.min((preferWaitS ?? 0) * 1000, deadlineAtMs - Date.now() - ANSWER_MS);
}

function applied({ preferWaitS }: Waiting): Readonly<Record<string, string>> {
  return { "preference-applied": `wait=${preferWaitS}` };
}

function idOf(text: string): string {
  return (JSON.parse(text) as { id: string }).id;
}
