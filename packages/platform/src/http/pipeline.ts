import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "@kassa/contracts/problem";
import type { Route } from "@kassa/contracts/route";
import { invariant } from "@kassa/kernel/assert";
import type { TSchema } from "typebox";
import type { Logger } from "../log/index.ts";
import { histogram } from "../metrics/index.ts";
import { inSpan, type Span, SpanKind, SpanStatusCode } from "../telemetry/index.ts";
import { answer, answerError } from "./answer.ts";
import type {
  Authenticator,
  Authenticators,
  BoundRoute,
  HttpRequest,
  MerchantPrincipal,
  Principal,
} from "./bound-route.ts";
import { deadlineExceeded, Exchange } from "./exchange.ts";
import { parseJson, requireStorableText } from "./parse-json.ts";
import { compileQueryParser } from "./parse-query.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { hasBody, readBody, requireJsonHeaders } from "./read-body.ts";
import type { HttpConfig } from "./settings.ts";
import { compileValidator, type Validator } from "./validator.ts";

/** What all routes of a server share. */
export type Shared = {
  readonly config: HttpConfig;
  readonly log: Logger;
  readonly authenticate: Authenticators;
  readonly limits: RateLimits;
  inFlight: number;
  isDraining: boolean;
};

export function createShared(config: HttpConfig, log: Logger, authenticate: Authenticators): Shared {
  return { config, log, authenticate, limits: createRateLimits(config), inFlight: 0, isDraining: false };
}

const durationSeconds = histogram("kassa_http_request_duration_seconds", "Time to answer a request", [
  "route",
  "method",
  "status",
]);

/** The address of a client, and the parameters of the path, as Express finds them. */
export type RoutedRequest = IncomingMessage & {
  readonly params: Readonly<Record<string, string>>;
  readonly ip?: string | undefined;
};

/** Compiles a route once into what answers its requests: the way of every request, from top to bottom. */
export function createPipeline(bound: BoundRoute, shared: Shared): (req: RoutedRequest, res: ServerResponse) => void {
  const plan = planOf(bound, shared);
  const { route } = bound;
  const spanName = `${route.method} ${route.path}`;
  const attributes = { "http.request.method": route.method, "http.route": route.path };

  return (req, res) => {
    const { config } = shared;
    const exchange = new Exchange(req, res, shared.log, config.HTTP_DEADLINE_MS, config.HTTP_WAIT_DEADLINE_MS);
    exchange.params = req.params;
    const parent = req.headers.traceparent as string | undefined;
    inSpan(spanName, { kind: SpanKind.SERVER, attributes, parent }, (span) => run(exchange, req, plan, span));
  };
}

async function run(exchange: Exchange, req: RoutedRequest, plan: Plan, span: Span): Promise<void> {
  const { shared, route } = plan;
  const timer = setTimeout(expire, exchange.remainingMs, exchange, shared);
  exchange.res.on("close", () => exchange.clientGone());
  shared.inFlight += 1;
  try {
    if (shared.inFlight > shared.config.HTTP_MAX_IN_FLIGHT) throw overloaded();
    if (plan.authenticate !== undefined && route.auth !== "signature") await authenticate(exchange, req, plan);
    else if (route.auth === "public") await shared.limits.address?.(req.ip ?? "");
    if (route.idempotent === true) exchange.idempotencyKey = idempotencyKeyOf(exchange);
    readParamsAndQuery(exchange, plan);
    if (plan.readsBody) await readAndParse(exchange, req, plan);
    if (exchange.status === 0) answer(exchange, await plan.handle(exchange as HttpRequest), shared.isDraining);
  } catch (error) {
    answerError(exchange, error, shared.isDraining);
  } finally {
    clearTimeout(timer);
    shared.inFlight -= 1;
    measure(exchange, route.path, route.method);
    if (span.isRecording()) describeAnswer(span, exchange.status);
  }
}

/** Counts an answered request. Labels come from tables, never from a request, so their number is bounded. */
export function measure(exchange: Exchange, route: string, method: string): void {
  const seconds = (performance.now() - exchange.startedAtMs) / 1000;
  durationSeconds.observe({ route, method, status: exchange.status }, seconds);
}

function describeAnswer(span: Span, status: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

function expire(exchange: Exchange, shared: Shared): void {
  const error = deadlineExceeded();
  answerError(exchange, error, shared.isDraining);
  exchange.abandon(error);
}

async function authenticate(exchange: Exchange, req: RoutedRequest, plan: Plan): Promise<void> {
  const { shared, route } = plan;
  let principal: Principal;
  try {
    const answered = plan.authenticate?.(exchange);
    principal = answered instanceof Promise ? await answered : answered;
    if (principal === undefined) throw refusalOf(route);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) await shared.limits.failedAuth?.(req.ip ?? "");
    throw error;
  }
  exchange.principal = principal;
  if (route.auth !== "api_key") return;
  const merchant = principal as MerchantPrincipal;
  await shared.limits.merchant?.(merchant.merchantId);
  if (route.scope !== undefined && !merchant.scopes.includes(route.scope)) {
    throw new Problem("forbidden", `This key needs the scope ${route.scope}.`);
  }
}

function readParamsAndQuery(exchange: Exchange, plan: Plan): void {
  for (const name in exchange.params) requireStorableText(exchange.params[name] as string, name);
  if (plan.validateParams !== undefined) {
    exchange.params = plan.validateParams({ ...exchange.params }) as Record<string, string>;
  }
  if (plan.parseQuery !== undefined) exchange.query = plan.parseQuery(exchange.search);
}

async function readAndParse(exchange: Exchange, req: RoutedRequest, plan: Plan): Promise<void> {
  const isPresent = hasBody(req);
  if (isPresent && plan.validateBody !== undefined) requireJsonHeaders(req);
  const bytes = isPresent ? await readBody(req, plan.bodyLimitBytes) : Buffer.alloc(0);
  if (plan.route.auth === "signature") {
    exchange.rawBody = bytes;
    await authenticate(exchange, req, plan);
  }
  // No bytes count as {}: a body whose members are all optional may be left out, another names what is missing.
  if (plan.validateBody !== undefined) exchange.body = plan.validateBody(bytes.length === 0 ? {} : parseJson(bytes));
}

type Plan = {
  readonly shared: Shared;
  readonly route: Route;
  readonly authenticate: Authenticator<Principal> | undefined;
  readonly validateParams: Validator | undefined;
  readonly parseQuery: ((search: string) => unknown) | undefined;
  readonly validateBody: Validator | undefined;
  readonly readsBody: boolean;
  readonly bodyLimitBytes: number;
  readonly handle: BoundRoute["handle"];
};

function planOf(bound: BoundRoute, shared: Shared): Plan {
  const { route } = bound;
  const authenticator = route.auth === "public" ? undefined : shared.authenticate[route.auth];
  invariant(
    route.auth === "public" || authenticator !== undefined,
    `nobody authenticates ${route.auth} for ${route.path}`,
  );
  return {
    shared,
    route,
    authenticate: authenticator as Authenticator<Principal> | undefined,
    validateParams: route.params === undefined ? undefined : paramsValidator(route.params),
    parseQuery: route.query === undefined ? undefined : queryReader(route.query),
    validateBody: route.body === undefined ? undefined : compileValidator(route.body),
    readsBody: route.body !== undefined || route.auth === "signature",
    bodyLimitBytes: route.bodyLimit ?? shared.config.HTTP_BODY_LIMIT_BYTES,
    handle: (request) => bound.handle(request),
  };
}

/** A path whose parameter cannot be an id names nothing: 404, like an id that nobody has. */
function paramsValidator(schema: TSchema): Validator {
  const validate = compileValidator(schema);
  return (params) => {
    try {
      return validate(params);
    } catch (cause) {
      if (cause instanceof Problem) throw new Problem("not_found", "There is nothing with this id.");
      throw cause;
    }
  };
}

function queryReader(schema: TSchema): (search: string) => unknown {
  const parse = compileQueryParser(schema);
  const validate = compileValidator(schema);
  return (search) => validate(parse(search));
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

function idempotencyKeyOf(exchange: Exchange): string {
  const key = exchange.req.headers["idempotency-key"];
  if (typeof key === "string" && IDEMPOTENCY_KEY.test(key)) return key;
  throw new Problem(
    "idempotency_key_required",
    "Send the header Idempotency-Key: 1 to 255 visible ASCII characters, new for each operation.",
  );
}

function overloaded(): Problem {
  return new Problem("unavailable", "Too many requests are at work; repeat this one shortly.", { retryAfterS: 1 });
}

function refusalOf(route: Route): Problem {
  if (route.auth === "signature")
    return new Problem("signature_invalid", "Sign the body as the provider's manual says.");
  return new Problem("unauthenticated", "Send a valid key as Authorization: Bearer <key>.");
}
