import type { Route, RouteAuth } from "@kassa/contracts/route";
import type { Uuid } from "@kassa/kernel/id";
import type { Static, TSchema } from "typebox";
import type { Logger } from "../log/index.ts";

/** Who calls with a merchant's API key. */
export type MerchantPrincipal = {
  readonly merchantId: Uuid;
  readonly keyId: string;
  readonly scopes: readonly string[];
};
/** Another service of Kassa. */
export type InternalPrincipal = { readonly caller: string };
/** A provider whose signature was right. */
export type ProviderPrincipal = { readonly provider: string };

type Principals = {
  public: undefined;
  api_key: MerchantPrincipal;
  internal: InternalPrincipal;
  signature: ProviderPrincipal;
};

export type PrincipalOf<A extends RouteAuth> = Principals[A];
export type Principal = Principals[RouteAuth];

/** What an authenticator sees. `rawBody` is there on routes with the authentication `signature` alone. */
export type AuthRequest = {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly rawBody: Buffer | undefined;
  /** Milliseconds since the epoch. */
  readonly deadlineAtMs: number;
  header(name: string): string | undefined;
};

/** Returns who calls, or undefined to refuse; may throw a Problem to say why. What answers without I/O should not return a promise. */
export type Authenticator<P> = (request: AuthRequest) => P | undefined | Promise<P | undefined>;

export type Authenticators = { readonly [A in Exclude<RouteAuth, "public">]?: Authenticator<PrincipalOf<A>> };

type Read<S, Otherwise> = S extends TSchema ? Static<S> : Otherwise;

/** A request as a handler sees it: authenticated, read, validated. */
export type HttpRequest<R extends Route = Route> = {
  readonly params: R extends { params: infer S } ? Read<S, Record<string, string>> : Readonly<Record<string, string>>;
  readonly query: R extends { query: infer S } ? Read<S, undefined> : unknown;
  readonly body: R extends { body: infer S } ? Read<S, undefined> : unknown;
  /** The body's bytes, on routes with the authentication `signature` alone. */
  readonly rawBody: Buffer | undefined;
  readonly principal: PrincipalOf<R["auth"]>;
  readonly requestId: string;
  /** 1 to 255 visible ASCII characters on a route that is `idempotent`, undefined on others. */
  readonly idempotencyKey: string | undefined;
  /** Seconds of `Prefer: wait=N`, 0 to 30; undefined without it. */
  readonly preferWaitS: number | undefined;
  /** Milliseconds since the epoch; the answer is 503 after it. */
  readonly deadlineAtMs: number;
  /** Aborted when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** A logger that names the request. */
  readonly log: Logger;
  /** A header by its name in any case. */
  header(name: string): string | undefined;
};

export type HttpResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** JSON that is already text; sent as it is instead of `body`. */
  readonly text?: string;
};

/** A line of the route table with what answers it. */
export type BoundRoute = {
  readonly route: Route;
  /** Expected refusals are thrown as Problem; anything else that is thrown is a 500. */
  handle(request: HttpRequest): Promise<HttpResponse> | HttpResponse;
};

/** Binds a handler to its route; the handler's request is typed by the route's schemas. */
export function bindRoute<const R extends Route>(
  route: R,
  handle: (request: HttpRequest<R>) => Promise<HttpResponse> | HttpResponse,
): BoundRoute {
  return { route, handle: handle as BoundRoute["handle"] };
}
