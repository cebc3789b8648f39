/** Where the API is and who calls. */
export type ClientOptions = {
  /** Origin, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** `sk_test_…` or `sk_live_…` */
  readonly apiKey: string;
  /** Milliseconds for one try. Default 40,000: longer than the longest `Prefer: wait`. */
  readonly timeoutMs?: number;
  /** Tries of a request that got no answer, 429 or 503; the idempotency key makes repeating safe. 1 to 10, default 4. */
  readonly tries?: number;
};

export type CallOptions = {
  /** The same key makes repeating safe. Default: a random one for each call. */
  readonly idempotencyKey?: string;
  /** Seconds to wait for the outcome, 0 to 30. */
  readonly waitS?: number;
};

export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly param?: string;
  readonly request_id: string;
};

/** An answer that is an error, with its problem document (RFC 9457). */
export class KassaError extends Error {
  override readonly name = "KassaError";
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(`${problem.status} ${problem.code}: ${problem.detail} (request ${problem.request_id})`);
    this.problem = problem;
  }
}

export type OperationCall = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly options?: CallOptions | undefined;
};

const DEFAULT_TIMEOUT_MS = 40_000;
const DEFAULT_TRIES = 4;
const FIRST_PAUSE_MS = 250;

/**
 * Sends one call, again with the same idempotency key while nobody answers or the service asks to come later.
 * @throws KassaError for an answer that is an error; the network's own error when nobody ever answered
 */
export async function request<T>(client: ClientOptions, call: OperationCall): Promise<T> {
  const key = call.options?.idempotencyKey ?? globalThis.crypto.randomUUID();
  const tries = client.tries ?? DEFAULT_TRIES;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await send(client, call, key);
      const isRetried = (response.status === 503 || response.status === 429) && attempt < tries;
      if (!isRetried) return await read<T>(response);
      await response.body?.cancel();
      await pause(Number(response.headers.get("retry-after") ?? 0) * 1000 || FIRST_PAUSE_MS * 2 ** attempt);
    } catch (error) {
      if (error instanceof KassaError || attempt >= tries) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

function send(client: ClientOptions, call: OperationCall, key: string): Promise<Response> {
  const url = new URL(call.path, client.baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { accept: "application/json", authorization: `Bearer ${client.apiKey}` };
  if (call.method === "POST") {
    headers["content-type"] = "application/json";
    headers["idempotency-key"] = key;
  }
  if (call.options?.waitS !== undefined) headers.prefer = `wait=${call.options.waitS}`;
  const body = call.method === "POST" ? JSON.stringify(call.body ?? {}) : null;
  const signal = AbortSignal.timeout(client.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return fetch(url, { method: call.method, headers, body, signal });
}

async function read<T>(response: Response): Promise<T> {
  const json: unknown = response.status === 204 ? undefined : await response.json();
  if (response.ok) return json as T;
  throw new KassaError(json as ProblemDocument);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
