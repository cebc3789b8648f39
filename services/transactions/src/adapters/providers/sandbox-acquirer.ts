import type { AcquirerWebhook, CardToken, ChargeBody, ProviderRefundBody } from "@kassa/contracts/acquirer-routes";
import type { OperationOutcome } from "@kassa/contracts/payment-events";
import type { Card } from "@kassa/contracts/payment-routes";
import { Problem, type ProblemDocument } from "@kassa/contracts/problem";
import { type JsonAnswer, type JsonClient, NotSent, TimedOut } from "@kassa/platform/resilience";
import { LRUCache } from "lru-cache";
import type { Provider, ProviderCall, Vault } from "../../ports.ts";

const CACHED_TOKENS = 50_000;
const TOKEN_TTL_MS = 60 * 60 * 1000;

type Call = {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly call: ProviderCall;
};

/**
 * The sandbox acquirer behind the port. Its idempotency key and metadata are the operation's id, so a call may be sent
 * again and again. What might have moved money and was not answered is `unknown`; only an answer is a fact.
 */
export class SandboxAcquirer implements Provider, Vault {
  readonly name = "acquirer";
  readonly #client: JsonClient;
  readonly #tokens = new LRUCache<string, CardToken>({ max: CACHED_TOKENS, ttl: TOKEN_TTL_MS });
  readonly #asking = new Map<string, Promise<CardToken | undefined>>();

  constructor(client: JsonClient) {
    this.#client = client;
  }

  authorize(call: ProviderCall & { amountMinor: bigint; currency: string; token: string; capture: boolean }) {
    const { amountMinor, currency, token, capture } = call;
    const body = { amount: Number(amountMinor), currency, token, capture };
    return this.#move({ path: "/v1/charges", body, call }, (json) =>
      chargeOutcome(json as ChargeBody, ["authorized", "captured"]),
    );
  }

  capture(call: ProviderCall & { chargeReference: string; amountMinor: bigint }) {
    const path = `/v1/charges/${encodeURIComponent(call.chargeReference)}/capture`;
    const body = { amount: Number(call.amountMinor) };
    return this.#move({ path, body, call }, (json) => chargeOutcome(json as ChargeBody, ["captured"]));
  }

  void(call: ProviderCall & { chargeReference: string }) {
    const path = `/v1/charges/${encodeURIComponent(call.chargeReference)}/void`;
    return this.#move({ path, body: {}, call }, (json) => chargeOutcome(json as ChargeBody, ["voided"]));
  }

  refund(call: ProviderCall & { chargeReference: string; amountMinor: bigint }) {
    const path = `/v1/charges/${encodeURIComponent(call.chargeReference)}/refunds`;
    const body = { amount: Number(call.amountMinor) };
    return this.#move({ path, body, call }, (json) => refundOutcome(json as ProviderRefundBody));
  }

  async lookUp({ operationId, deadlineAtMs }: ProviderCall): Promise<OperationOutcome> {
    try {
      const path = `/v1/operations/${operationId}`;
      const { status, json } = await this.#client.request({ method: "GET", path, deadlineAtMs, idempotent: true });
      if (status !== 200) return { result: "unknown", reason: "not_found_at_provider" };
      return lookedUp(json as { result: string; id: string; code?: string; decline_code?: string });
    } catch (error) {
      return unanswered(error);
    }
  }

  async tokenize(card: Card, deadlineAtMs: number): Promise<CardToken> {
    const answer = await this.#ask({
      method: "POST",
      path: "/v1/tokens",
      body: { card },
      deadlineAtMs,
      idempotent: true,
    });
    if (answer.status === 201) {
      const token = answer.json as CardToken;
      this.#tokens.set(token.token, token);
      return token;
    }
    throw new Problem("card_invalid", (answer.json as ProblemDocument).detail, { param: "payment_method.card" });
  }

  async describe(token: string, deadlineAtMs: number): Promise<CardToken | undefined> {
    return this.#tokens.get(token) ?? this.#askOnce(token, deadlineAtMs);
  }

  // A batch may bring a thousand payments on one new token: they ask the provider once.
  #askOnce(token: string, deadlineAtMs: number): Promise<CardToken | undefined> {
    const asking = this.#asking.get(token);
    if (asking !== undefined) return asking;
    const promise = this.#find(token, deadlineAtMs).finally(() => this.#asking.delete(token));
    this.#asking.set(token, promise);
    return promise;
  }

  async #find(token: string, deadlineAtMs: number): Promise<CardToken | undefined> {
    const path = `/v1/tokens/${encodeURIComponent(token)}`;
    const answer = await this.#ask({ method: "GET", path, deadlineAtMs, idempotent: true });
    if (answer.status !== 200) return undefined;
    this.#tokens.set(token, answer.json as CardToken);
    return answer.json as CardToken;
  }

  async #ask(request: Parameters<JsonClient["request"]>[0]): Promise<JsonAnswer> {
    try {
      return await this.#client.request(request);
    } catch (error) {
      // The error may quote what was sent; a card must not travel into a log as a cause.
      const reason = error instanceof Error ? error.name : "unknown";
      const detail = "The payment provider does not answer; repeat the request with the same Idempotency-Key.";
      throw new Problem("unavailable", detail, { retryAfterS: 2, cause: `provider: ${reason}` });
    }
  }

  async #move({ path, body, call }: Call, read: (json: unknown) => OperationOutcome): Promise<OperationOutcome> {
    try {
      const { status, json } = await this.#client.request({
        method: "POST",
        path,
        headers: { "idempotency-key": call.operationId },
        body: { ...body, metadata: { operation_id: call.operationId } },
        deadlineAtMs: call.deadlineAtMs,
        idempotent: true,
      });
      return status === 200 ? read(json) : refusal(json as ProblemDocument);
    } catch (error) {
      return unanswered(error);
    }
  }
}

/** What a webhook of the acquirer says of its operation; undefined for what no operation waits for (a dispute). */
export function webhookOutcome(webhook: AcquirerWebhook): OperationOutcome | undefined {
  const { kind, result, id, code, decline_code } = webhook.data;
  if (kind === "dispute") return undefined;
  return lookedUp({
    result,
    id,
    ...(code === undefined ? {} : { code }),
    ...(decline_code === undefined ? {} : { decline_code }),
  });
}

function chargeOutcome(charge: ChargeBody, done: readonly ChargeBody["status"][]): OperationOutcome {
  if (done.includes(charge.status)) return { result: "succeeded", provider_reference: charge.id };
  if (charge.status === "declined") {
    const { code = "card_declined", decline_code } = charge.decline ?? {};
    return decline_code === undefined ? { result: "failed", code } : { result: "failed", code, decline_code };
  }
  if (charge.status === "pending") return { result: "unknown", reason: "awaiting_webhook" };
  return { result: "failed", code: `charge_${charge.status}` };
}

function refundOutcome(refund: ProviderRefundBody): OperationOutcome {
  if (refund.status === "succeeded") return { result: "succeeded", provider_reference: refund.id };
  if (refund.status === "pending") return { result: "unknown", reason: "awaiting_webhook" };
  return { result: "failed", code: refund.failure_code ?? "refund_failed" };
}

function lookedUp(found: { result: string; id: string; code?: string; decline_code?: string }): OperationOutcome {
  if (found.result === "succeeded") return { result: "succeeded", provider_reference: found.id };
  if (found.result === "pending") return { result: "unknown", reason: "awaiting_webhook" };
  const code = found.code ?? "declined";
  return found.decline_code === undefined
    ? { result: "failed", code }
    : { result: "failed", code, decline_code: found.decline_code };
}

// In flight or overloaded is no outcome; what else is refused was refused for good and moved nothing.
function refusal(problem: ProblemDocument): OperationOutcome {
  if (
    problem.code === "idempotency_in_flight" ||
    problem.status >= 500 ||
    problem.status === 429 ||
    problem.status === 401
  ) {
    return { result: "unknown", reason: problem.code };
  }
  return { result: "failed", code: problem.code };
}

function unanswered(error: unknown): OperationOutcome {
  if (error instanceof NotSent) return { result: "unknown", reason: "not_sent" };
  if (error instanceof TimedOut) return { result: "unknown", reason: "timed_out" };
  return { result: "unknown", reason: "provider_error" };
}
