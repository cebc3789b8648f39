import { type ErrorCode, errorCodes } from "./error-codes.ts";

/** An RFC 9457 problem document, as every error answer carries it. */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly param?: string;
  readonly request_id: string;
};

export type ProblemOptions = {
  /** The member of the request that is at fault, as a dotted path: `payments.3.amount`. */
  readonly param?: string | undefined;
  /** For 409, 429 and 503: after how many seconds it makes sense to try again. */
  readonly retryAfterS?: number | undefined;
  /** What went wrong inside; logged, never shown. */
  readonly cause?: unknown;
};

/** An error that the HTTP rim turns into its problem document. `detail` is shown to the client and says what to do next. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ErrorCode;
  readonly detail: string;
  readonly param: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.param = options.param;
    this.retryAfterS = options.retryAfterS;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  document(requestId: string): ProblemDocument {
    const { status, title } = errorCodes[this.code];
    return {
      type: `urn:kassa:error:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.detail,
      ...(this.param === undefined ? {} : { param: this.param }),
      request_id: requestId,
    };
  }
}
