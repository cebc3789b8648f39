import { AcquirerWebhook } from "@kassa/contracts/acquirer-routes";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { Problem } from "@kassa/contracts/problem";
import { isUuid } from "@kassa/kernel/id";
import { type AuthRequest, type BoundRoute, bindRoute, type ProviderPrincipal } from "@kassa/platform/http";
import { currentTraceparent } from "@kassa/platform/telemetry";
import { Webhook } from "standardwebhooks";
import Compile from "typebox/compile";
import { receiveWebhook } from "../commands/receive-webhook.ts";
import type { PaymentStore, WebhookReader, WebhookStore } from "../ports.ts";

const shape = Compile(AcquirerWebhook);

/** Verifies Standard Webhooks signatures over the raw body, five minutes old at most. */
export function webhookAuthenticator(secret: string): (request: AuthRequest) => ProviderPrincipal {
  const webhook = new Webhook(secret);
  return (request) => {
    const headers: Record<string, string> = {};
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"])
      headers[name] = request.header(name) ?? "";
    try {
      // What is rightly signed but no JSON is for the route to refuse.
      webhook.verify(request.rawBody?.toString("utf8") ?? "", headers, { jsonParse: false });
    } catch (cause) {
      throw new Problem("signature_invalid", "The signature does not match this body and our secret.", { cause });
    }
    return { provider: request.params.provider ?? "" };
  };
}

/** POST /v1/webhooks/{provider}: durable before it answers 204, so the provider may forget it. */
export function receiveWebhookRoute(
  store: PaymentStore,
  webhooks: WebhookStore,
  provider: string,
  outcomeOf: WebhookReader,
): BoundRoute {
  return bindRoute(paymentRoutes.receiveWebhook, async (request) => {
    if (request.params.provider !== provider) throw new Problem("not_found", "No such provider is configured.");
    const body = parse(request.rawBody);
    const outcome = outcomeOf(body);
    const operationId = body.data.operation_id;
    if (outcome !== undefined && isUuid(operationId)) {
      const webhookId = request.header("webhook-id") ?? "";
      await receiveWebhook(store, webhooks, { provider, webhookId, operationId, outcome }, currentTraceparent());
    } else {
      request.log.info({ type: body.type, operation_id: operationId }, "webhook noted, no operation waits for it");
    }
    return { status: 204 };
  });
}

function parse(rawBody: Buffer | undefined): AcquirerWebhook {
  const text = rawBody?.toString("utf8") ?? "";
  // PostgreSQL stores neither of them in a text; as an escape they are the only way into JSON.
  if (/\\u(0000|[dD][89a-fA-F])/.test(text)) throw new Problem("invalid_text", "The body holds U+0000 or a surrogate.");
  try {
    const json: unknown = JSON.parse(text);
    if (shape.Check(json)) return json as AcquirerWebhook;
  } catch {
    throw new Problem("invalid_json", "The body of the webhook is not JSON.");
  }
  throw new Problem("invalid_request", "The body of the webhook has an unknown shape.");
}
