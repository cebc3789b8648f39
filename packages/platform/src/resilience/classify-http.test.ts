import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classifyHttp, TimedOut, UnexpectedStatus } from "./index.ts";

const cases: readonly (readonly [what: string, error: unknown, verdict: string])[] = [
  ["a refused connection", { code: "ECONNREFUSED", syscall: "connect" }, "retry_unsent"],
  ["an unknown host", { code: "ENOTFOUND", syscall: "getaddrinfo" }, "retry_unsent"],
  ["a connection that took too long to make", { code: "UND_ERR_CONNECT_TIMEOUT" }, "retry_unsent"],
  ["a connection that broke in use", { code: "ECONNRESET", syscall: "read" }, "retry"],
  ["a socket closed by the other side", { code: "UND_ERR_SOCKET" }, "retry"],
  ["no answer in time", new TimedOut("x", 10, false), "retry"],
  ["a caller that gave up", new TimedOut("x", 10, true), "ignore"],
  ["429", new UnexpectedStatus("x", 429, {}), "retry"],
  ["500", new UnexpectedStatus("x", 500, {}), "retry"],
  ["503", new UnexpectedStatus("x", 503, {}), "retry"],
  ["501", new UnexpectedStatus("x", 501, {}), "fail"],
  ["a mistake in the code", new TypeError("x"), "fail"],
];

describe("classifyHttp", () => {
  for (const [what, error, verdict] of cases) {
    it(`says ${verdict} to ${what}`, () => assert.equal(classifyHttp(error), verdict));
  }
});
