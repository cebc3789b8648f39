import { Problem } from "@kassa/contracts/problem";
import type { HttpResponse } from "./bound-route.ts";
import type { Exchange } from "./exchange.ts";
import { ClientGone } from "./read-body.ts";
import { apiHeaders } from "./security-headers.ts";

const RETRY_AFTER_S = 1;

/** Sends a handler's response, unless the deadline or the client's leaving came first. */
export function answer(exchange: Exchange, response: HttpResponse, isDraining: boolean): void {
  if (exchange.status !== 0) return;
  const text = response.text ?? (response.body === undefined ? "" : JSON.stringify(response.body));
  const headers = [...apiHeaders, "x-request-id", exchange.requestId];
  if (text !== "")
    headers.push("content-type", response.status < 400 ? "application/json" : "application/problem+json");
  if (response.headers !== undefined) {
    for (const name in response.headers) headers.push(name, response.headers[name] as string);
  }
  send(exchange, response.status, headers, text, isDraining);
}

/** Sends an error as a problem document (RFC 9457). What is not a Problem is a 500 that reveals nothing and is logged once. */
export function answerError(exchange: Exchange, error: unknown, isDraining: boolean): void {
  if (error instanceof ClientGone) exchange.clientGone();
  if (exchange.status !== 0) return;
  const problem = error instanceof Problem ? error : internal();
  const { status } = problem;
  if (status >= 500 && problem.code !== "unavailable" && problem.code !== "deadline_exceeded") {
    exchange.log.error({ err: error, method: exchange.method, path: exchange.path }, "request failed");
  } else if (problem.cause !== undefined) {
    exchange.log.warn({ err: problem.cause, code: problem.code }, "request refused");
  }
  const headers = [...apiHeaders, "x-request-id", exchange.requestId, "content-type", "application/problem+json"];
  const retryAfterS = problem.retryAfterS ?? (status === 429 || status === 503 ? RETRY_AFTER_S : undefined);
  if (retryAfterS !== undefined) headers.push("retry-after", String(retryAfterS));
  if (problem.code === "unauthenticated") headers.push("www-authenticate", "Bearer");
  // The rest of a body that was not read would be taken for the next request.
  const isBroken =
    !exchange.req.complete && (problem.code === "body_too_large" || problem.code === "deadline_exceeded");
  send(exchange, status, headers, JSON.stringify(problem.document(exchange.requestId)), isDraining || isBroken);
}

function internal(): Problem {
  return new Problem("internal", "Something went wrong on our side; repeat the request with the same Idempotency-Key.");
}

function send(exchange: Exchange, status: number, headers: string[], text: string, isLast: boolean): void {
  exchange.status = status;
  if (status !== 204) headers.push("content-length", String(Buffer.byteLength(text)));
  if (isLast) headers.push("connection", "close");
  exchange.res.writeHead(status, headers);
  exchange.res.end(text);
}
