import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "@kassa/contracts/problem";
import type { Logger } from "../log/index.ts";
import { newTraceId } from "../telemetry/trace-ids.ts";
import type { HttpRequest, Principal } from "./bound-route.ts";
import { ClientGone } from "./read-body.ts";

const REQUEST_ID = /^[A-Za-z0-9._:/+=-]{1,128}$/;
const PREFER_WAIT = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,5})"?/i;
const PREFER_WAIT_MAX_S = 30;

/**
 * One request and its answer. It is what a handler sees as HttpRequest; what costs something (signal, logger, request id) is made
 * when it is first asked for.
 */
export class Exchange implements Omit<HttpRequest, "principal"> {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly startedAtMs: number = performance.now();
  readonly deadlineAtMs: number;
  readonly preferWaitS: number | undefined;
  params: Readonly<Record<string, string>> = {};
  query: unknown = undefined;
  body: unknown = undefined;
  rawBody: Buffer | undefined = undefined;
  principal: Principal = undefined;
  idempotencyKey: string | undefined = undefined;
  /** Bound, so that a handler may take it out of the request. */
  readonly header = (name: string): string | undefined => {
    const value = this.req.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  /** The status that was sent, 499 when the client went away before; 0 while there is none. */
  status = 0;
  readonly #parentLog: Logger;
  #requestId: string | undefined;
  #log: Logger | undefined;
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, log: Logger, deadlineMs: number, waitDeadlineMs: number) {
    this.req = req;
    this.res = res;
    this.#parentLog = log;
    this.preferWaitS = preferWait(req.headers.prefer as string | undefined);
    this.deadlineAtMs = Date.now() + (this.preferWaitS === undefined ? deadlineMs : waitDeadlineMs);
  }

  get method(): string {
    return this.req.method ?? "GET";
  }

  get path(): string {
    const url = this.req.url ?? "/";
    const end = url.indexOf("?");
    return end < 0 ? url : url.slice(0, end);
  }

  /** The query's text without its question mark. */
  get search(): string {
    const url = this.req.url ?? "/";
    const start = url.indexOf("?");
    return start < 0 ? "" : url.slice(start + 1);
  }

  /** The client's X-Request-Id when it is sane, one of ours otherwise. */
  get requestId(): string {
    if (this.#requestId !== undefined) return this.#requestId;
    const given = this.req.headers["x-request-id"];
    this.#requestId = typeof given === "string" && REQUEST_ID.test(given) ? given : newTraceId();
    return this.#requestId;
  }

  get log(): Logger {
    this.#log ??= this.#parentLog.child({ request_id: this.requestId });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  /** Milliseconds until the deadline, at least 0. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineAtMs - Date.now());
  }

  abandon(reason: Error): void {
    this.#abortReason = reason;
    this.#abort?.abort(reason);
  }

  /** The client closed its connection: whoever still works for it learns so. */
  clientGone(): void {
    if (this.status !== 0) return;
    this.status = 499;
    this.abandon(new ClientGone("the client closed the connection"));
  }
}

/** The error that ends an exchange whose time is up. */
export function deadlineExceeded(): Problem {
  return new Problem(
    "deadline_exceeded",
    "The request took longer than allowed; repeat it with the same Idempotency-Key.",
    {
      retryAfterS: 1,
    },
  );
}

/** Seconds of `Prefer: wait=N` (RFC 7240, section 4.3), at most 30. */
function preferWait(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined;
  const seconds = PREFER_WAIT.exec(prefer)?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), PREFER_WAIT_MAX_S);
}
