import { Pool } from "undici";
import { currentTraceparent, inSpan, SpanKind } from "../telemetry/index.ts";
import type { CallOptions, Executor } from "./executor.ts";
import { UnexpectedStatus } from "./unexpected-status.ts";

export type JsonClientOptions = {
  /** `http://acquirer:8080` */
  readonly origin: string;
  readonly executor: Executor;
  /** Sent with every request, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Connections at most. Default 64. */
  readonly connections?: number;
  /** A longer answer is an error. Default 4 MiB. */
  readonly maxAnswerBytes?: number;
};

export type JsonRequest = CallOptions & {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** A body that is JSON text already; sent instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type JsonAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** undefined when the answer has no body. */
  readonly json: unknown;
};

export type JsonClient = {
  /**
   * Sends a request and reads the answer. Statuses below 500, but for 429, are answers.
   * @throws UnexpectedStatus, NotSent, TimedOut, or an error of the network or of reading the answer
   */
  request(request: JsonRequest): Promise<JsonAnswer>;
  close(): Promise<void>;
};

const CONNECT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 30_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** A client of one JSON service over a bounded pool of connections. The trace travels with each request. */
export function createJsonClient(options: JsonClientOptions): JsonClient {
  const { executor } = options;
  const pool = new Pool(options.origin, {
    connections: options.connections ?? 64,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
    // The executor's time-out covers headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const fixedHeaders = { accept: "application/json", ...options.headers };
  return {
    request: (request) =>
      inSpan(
        `${request.method} ${executor.name}`,
        { kind: SpanKind.CLIENT, attributes: { "server.address": options.origin } },
        () => executor.execute((signal) => send(pool, executor.name, fixedHeaders, request, signal), request),
      ),
    close: () => pool.close(),
  };
}

async function send(
  pool: Pool,
  name: string,
  fixedHeaders: Readonly<Record<string, string>>,
  request: JsonRequest,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const text = request.text ?? (request.body === undefined ? null : JSON.stringify(request.body));
  const headers: Record<string, string> = { ...fixedHeaders, ...request.headers };
  if (text !== null) headers["content-type"] = "application/json";
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) headers.traceparent = traceparent;
  const answer = await pool.request({ path: request.path, method: request.method, headers, body: text, signal });
  const { statusCode: status } = answer;
  const received = await answer.body.text();
  if (status === 429 || status >= 500) throw new UnexpectedStatus(name, status, parseOrUndefined(received));
  return { status, headers: answer.headers, json: received === "" ? undefined : JSON.parse(received) };
}

/** A failing service may answer in anything; its words are for the log alone. */
function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
