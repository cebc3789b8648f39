/** What a request looks like; a payment gets an Idempotency-Key of its own each time. */
export type LoadRequest =
  | { readonly kind: "post"; readonly path: string; readonly apiKey: string; readonly body: string }
  | { readonly kind: "get"; readonly paths: readonly string[]; readonly apiKey: string };

export type LoadJob = {
  readonly port: number;
  readonly connections: number;
  readonly request: LoadRequest;
  /** closed: each connection asks again once answered. open: at a rate, whether answered or not. */
  readonly pace: { readonly kind: "closed" } | { readonly kind: "open"; readonly ratePerS: number };
  /** After this nothing more is sent; answers on their way are waited for. */
  readonly durationMs: number;
};

export type LoadResult = {
  /** Answers within the duration, per second. */
  readonly perS: number;
  readonly sent: number;
  /** All answers by status, the late ones too. */
  readonly statuses: Readonly<Record<string, number>>;
  /** From the moment a request was due, so a stalled server is not spared the requests it kept from being sent. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Requests due within the duration that were never sent, for want of a free connection. */
  readonly unsent: number;
};

export type LoadProgress = { readonly sent: number; readonly answered: number; readonly waiting: number };

export type ToGenerator =
  | { readonly kind: "run"; readonly job: LoadJob }
  | { readonly kind: "rate"; readonly ratePerS: number };
export type FromGenerator =
  | { readonly kind: "progress"; readonly progress: LoadProgress }
  | { readonly kind: "result"; readonly result: LoadResult }
  | { readonly kind: "failed"; readonly message: string };
