import { Problem } from "@kassa/contracts/problem";
import { unreachable } from "@kassa/kernel/assert";
import type { HttpRequest, HttpResponse } from "@kassa/platform/http";
import { isConnectionFailure, QueueFull } from "@kassa/platform/postgres";
import type { OperationPorts, OperationReply } from "../commands/execute-operation.ts";
import type { HeldAnswers } from "./held-answers.ts";

export type AnsweringPorts = OperationPorts & { readonly held: HeldAnswers };

type Rim = Pick<HttpRequest, "signal" | "requestId">;

/** Answers what became of an operation, the way its card wants it. */
export async function answerOperation(
  replied: Promise<OperationReply>,
  rim: Rim,
  held: HeldAnswers,
): Promise<HttpResponse> {
  const reply = await replied.catch(unavailable);
  switch (reply.kind) {
    case "answered":
      return answered(reply, rim, held);
    case "key_reused":
      throw new Problem("idempotency_key_reused", "Use a new Idempotency-Key for a request with another body.");
    case "in_flight":
      throw new Problem("idempotency_in_flight", "The request with this key is still running; repeat it later.", {
        retryAfterS: reply.retryAfterS,
      });
    default:
      return unreachable(reply);
  }
}

async function answered(
  { answer, isReplayed, way, messageId }: Extract<OperationReply, { kind: "answered" }>,
  rim: Rim,
  held: HeldAnswers,
): Promise<HttpResponse> {
  // The signal is made when it is asked for; an answer that travels at once needs none.
  if (way !== "at_once" && !(await held.until(way, messageId, rim.signal))) return lost(rim);
  if (!answer.ok) throw new Problem(answer.code, answer.detail);
  if (!isReplayed) return { status: 200, text: answer.body };
  return { status: 200, text: answer.body, headers: { "idempotent-replayed": "true" } };
}

// Not thrown: a fault that a test card asked for is no error of ours to be logged.
function lost({ requestId }: Rim): HttpResponse {
  const problem = new Problem("internal", "The answer was lost; repeat the request with the same Idempotency-Key.");
  return { status: problem.status, body: problem.document(requestId) };
}

/** Turns a full queue and a database that is away into 503: the client repeats the request with its key. */
export function unavailable(error: unknown): never {
  if (error instanceof QueueFull || isConnectionFailure(error)) {
    throw new Problem("unavailable", "Repeat the request with the same Idempotency-Key.", {
      retryAfterS: 1,
      cause: error,
    });
  }
  throw error;
}
