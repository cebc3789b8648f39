import { Writable } from "node:stream";
import type { Route } from "@kassa/contracts/route";
import type { Uuid } from "@kassa/kernel/id";
import {
  type BoundRoute,
  bindRoute,
  createServer,
  type HttpConfig,
  type HttpRequest,
  type HttpServer,
} from "@kassa/platform/http";
import { createLogger } from "@kassa/platform/log";
import Type from "typebox";

/** A small table of routes that has one of each kind, behind a real server on a free port. */
export const createThing = {
  operationId: "createThing",
  service: "transactions",
  method: "POST",
  path: "/v1/things",
  auth: "api_key",
  scope: "things:write",
  summary: "Create a thing",
  idempotent: true,
  takesWait: true,
  body: Type.Object({
    amount: Type.Integer({ minimum: 1 }),
    note: Type.Optional(Type.String({ default: "none" })),
  }),
  answers: { 201: { description: "The thing", schema: Type.Object({ amount: Type.Integer() }) } },
  errors: ["unsupported_currency"],
} as const satisfies Route;

export const listThings = {
  operationId: "listThings",
  service: "transactions",
  method: "GET",
  path: "/v1/things",
  auth: "public",
  summary: "List things",
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    all: Type.Optional(Type.Boolean()),
    status: Type.Optional(Type.Union([Type.Literal("new"), Type.Literal("old")])),
  }),
  answers: { 200: { description: "Things" } },
  errors: [],
} as const satisfies Route;

export const getThing = {
  operationId: "getThing",
  service: "transactions",
  method: "GET",
  path: "/v1/things/{id}",
  auth: "public",
  summary: "Fetch a thing",
  params: Type.Object({ id: Type.String({ pattern: "^th_[0-9]+$" }) }),
  answers: { 200: { description: "The thing" } },
  errors: [],
} as const satisfies Route;

export const bestThing = {
  ...getThing,
  operationId: "bestThing",
  path: "/v1/things/best",
  summary: "Fetch the best thing",
  params: Type.Object({}),
} as const satisfies Route;

export const receiveHook = {
  operationId: "receiveHook",
  service: "transactions",
  method: "POST",
  path: "/v1/hooks",
  auth: "signature",
  summary: "Receive a webhook",
  body: Type.Object({ type: Type.String() }),
  bodyLimit: 2048,
  answers: { 204: { description: "Taken" } },
  errors: [],
} as const satisfies Route;

export type Handlers = {
  create?: (request: HttpRequest<typeof createThing>) => Promise<unknown> | unknown;
  get?: (request: HttpRequest<typeof getThing>) => Promise<unknown> | unknown;
};

export const MERCHANT = "0190f2c3-1111-7222-8222-3333aaaa4444" as Uuid;

export type Sandbox = { readonly server: HttpServer; readonly url: string; readonly logged: string[] };

/** Starts the server; whoever starts it closes it. */
export async function startSandbox(config: Partial<HttpConfig> = {}, handlers: Handlers = {}): Promise<Sandbox> {
  const logged: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const keys = new Map([
    ["Bearer sk_test_all", { merchantId: MERCHANT, keyId: "all", scopes: ["things:write"] }],
    ["Bearer sk_test_none", { merchantId: MERCHANT, keyId: "none", scopes: [] }],
  ]);
  const server = createServer({
    routes: tableOf(handlers),
    authenticate: {
      api_key: (request) => keys.get(request.header("Authorization") ?? ""),
      signature: async ({ rawBody, header }) =>
        header("signature") === String(rawBody?.length) ? { provider: "acquirer" } : undefined,
    },
    config: { HTTP_HOST: "127.0.0.1", HTTP_PORT: 0, HTTP_BODY_LIMIT_BYTES: 1024, ...config },
    log: createLogger({ service: "sandbox", destination }),
    title: "Things <1>",
  });
  await server.start();
  return { server, url: server.address.url, logged };
}

function tableOf(handlers: Handlers): BoundRoute[] {
  return [
    bindRoute(getThing, async (request) => ({
      status: 200,
      body: (await handlers.get?.(request)) ?? { id: request.params.id },
    })),
    bindRoute(bestThing, () => ({ status: 200, text: '{"id":"best"}' })),
    bindRoute(createThing, async (request) => ({
      status: 201,
      headers: { location: "/v1/things/th_1" },
      body: (await handlers.create?.(request)) ?? {
        ...request.body,
        key: request.idempotencyKey,
        by: request.principal.keyId,
      },
    })),
    bindRoute(listThings, ({ query }) => ({ status: 200, body: query })),
    bindRoute(receiveHook, ({ body, principal, rawBody }) => ({
      status: body.type === "echo" ? 200 : 204,
      ...(body.type === "echo" ? { body: { ...principal, bytes: rawBody?.length } } : {}),
    })),
  ];
}

export const headers = {
  authorization: "Bearer sk_test_all",
  "idempotency-key": "key-1",
  "content-type": "application/json",
} as const;

/** POST /v1/things with good headers, unless some are replaced; undefined leaves one out. */
export async function post(
  url: string,
  body: string,
  replaced: Record<string, string | undefined> = {},
  path = "/v1/things",
) {
  const merged: Record<string, string | undefined> = { ...headers, ...replaced };
  const kept = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const answer = await fetch(url + path, { method: "POST", headers: Object.fromEntries(kept), body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === "" ? undefined : JSON.parse(text) };
}
