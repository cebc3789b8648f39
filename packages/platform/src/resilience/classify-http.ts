import type { Verdict } from "./executor.ts";
import { TimedOut } from "./timed-out.ts";
import { UnexpectedStatus } from "./unexpected-status.ts";

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const BROKEN_CONNECTION: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET"]);

/** What to do about an error of a call by HTTP: ordered guards, the first that holds decides. */
export function classifyHttp(error: unknown): Verdict {
  const { code = "", syscall = "" } = error as { code?: string; syscall?: string };
  // No connection was made, so nothing was sent, and another try may find a pod that listens.
  if (syscall === "connect" || syscall === "getaddrinfo" || code === "UND_ERR_CONNECT_TIMEOUT") return "retry_unsent";
  // The caller is gone: nobody wants another try, and the remote side did nothing wrong.
  if (error instanceof TimedOut && error.isCallers) return "ignore";
  // The answer may be on its way; with an idempotency key asking again is safe.
  if (error instanceof TimedOut) return "retry";
  // Overload and faults in between pass; 501 or 505 will be the same next time.
  if (error instanceof UnexpectedStatus) return RETRIED_STATUSES.has(error.status) ? "retry" : "fail";
  // The other side restarted or closed a connection just as it was used.
  if (BROKEN_CONNECTION.has(code)) return "retry";
  // What is not understood is not repeated.
  return "fail";
}
