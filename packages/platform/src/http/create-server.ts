import { createServer as createNodeServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Problem } from "@kassa/contracts/problem";
import type { Route } from "@kassa/contracts/route";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Logger } from "../log/index.ts";
import { gauge } from "../metrics/index.ts";
import { answer, answerError } from "./answer.ts";
import type { Authenticators, BoundRoute } from "./bound-route.ts";
import { documentRoutes } from "./document-routes.ts";
import { Exchange } from "./exchange.ts";
import { listen } from "./listen.ts";
import { createPipeline, createShared, measure, type Shared } from "./pipeline.ts";
import { completeHttpConfig, type HttpConfig } from "./settings.ts";

export type HttpServerOptions = {
  readonly routes: readonly BoundRoute[];
  /** One authenticator for each kind of authentication among the routes. */
  readonly authenticate: Authenticators;
  /** What is missing takes its default. */
  readonly config: Partial<HttpConfig>;
  readonly log: Logger;
  /** Title of the OpenAPI document. Default `Kassa`. */
  readonly title?: string;
  /** What GET /healthz reports; default: true from start to drain. */
  readonly isReady?: () => boolean;
  /** Default `http`. */
  readonly name?: string;
};

/** A server as a component of a service: it starts, and stops in phases. */
export type HttpServer = {
  readonly name: string;
  /** Where it listens, known after start. */
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  /** Listens. Rejects with the system's error, e.g. EADDRINUSE. */
  start(): Promise<void>;
  /** Answers go on, each with `Connection: close`. */
  unready(): void;
  /** No new connections; idle ones are closed. */
  stopAccepting(): void;
  /** Resolves when the last request is answered. */
  finish(): Promise<void>;
  /** Cuts whatever is left. */
  close(): Promise<void>;
};

const listening = new Map<string, Shared>();

gauge("kassa_http_requests_in_flight", "Requests at work", ["server"], (metric) => {
  metric.reset();
  for (const [server, { inFlight }] of listening) metric.set({ server }, inFlight);
});

/** The Express server of a table of routes, with GET /openapi.json, /docs and /healthz. Types of Express stay in this folder. */
export function createServer(options: HttpServerOptions): HttpServer {
  const config = completeHttpConfig(options.config);
  const shared = createShared(config, options.log, options.authenticate);
  const app = createApp(options, shared);
  const server = createNodeServer(
    {
      keepAliveTimeout: config.HTTP_KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: Math.max(REQUEST_TIMEOUT_MS, config.HTTP_DEADLINE_MS),
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
    },
    app,
  );
  return lifecycle(options.name ?? "http", server, shared);
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_HEADER_BYTES = 16_384;
const CHECK_CONNECTIONS_MS = 5_000;

function createApp(options: HttpServerOptions, shared: Shared): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  app.set("trust proxy", shared.config.HTTP_TRUSTED_PROXIES);
  app.enable("case sensitive routing");
  const isReady = options.isReady ?? (() => true);
  const routes = options.routes.toSorted((a, b) => parametersIn(a.route) - parametersIn(b.route));
  for (const bound of routes) {
    app[METHODS[bound.route.method]](expressPath(bound.route.path), createPipeline(bound, shared));
  }
  documentRoutes(
    app,
    options.routes.map((bound) => bound.route),
    options.title ?? "Kassa",
  );
  app.get("/healthz", (_req, res) => {
    const isUp = !shared.isDraining && isReady();
    res.status(isUp ? 200 : 503).json({ status: isUp ? "ready" : "unready" });
  });
  for (const [path, methods] of methodsByPath(options.routes))
    app.all(expressPath(path), otherMethods(methods, shared));
  app.use((req: Request, res: Response) =>
    refuse(req, res, shared, new Problem("not_found", "There is no such path; see /docs.")),
  );
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) =>
    refuse(req, res, shared, errorOf(error)),
  );
  return app;
}

const METHODS = { GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const;

/** `/v1/payments/batch` goes before `/v1/payments/{id}`, and the busiest routes have no parameters. */
function parametersIn(route: Route): number {
  return route.path.split("{").length;
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function methodsByPath(routes: readonly BoundRoute[]): Map<string, readonly string[]> {
  const methods = new Map<string, readonly string[]>();
  for (const { route } of routes) {
    const more = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
    methods.set(route.path, [...(methods.get(route.path) ?? []), ...more]);
  }
  return methods;
}

/** What is asked of a path by a method it does not have: OPTIONS lists the methods, any other is refused with the list (RFC 9110, 15.5.6). */
function otherMethods(methods: readonly string[], shared: Shared): (req: Request, res: Response) => void {
  const allow = [...methods, "OPTIONS"].join(", ");
  return (req, res) => {
    if (req.method !== "OPTIONS") {
      res.setHeader("allow", allow);
      refuse(req, res, shared, new Problem("method_not_allowed", `This path takes ${allow}.`));
      return;
    }
    const exchange = exchangeOf(req, res, shared);
    answer(exchange, { status: 204, headers: { allow } }, shared.isDraining);
    measureUnmatched(exchange);
  };
}

/** Express itself refuses paths that cannot be decoded. */
function errorOf(error: unknown): unknown {
  const isUndecodable = error instanceof URIError || (error as { status?: unknown } | undefined)?.status === 400;
  return isUndecodable ? new Problem("invalid_request", "The path is not validly percent-encoded.") : error;
}

function refuse(req: Request, res: ServerResponse, shared: Shared, error: unknown): void {
  const exchange = exchangeOf(req, res, shared);
  answerError(exchange, error, shared.isDraining);
  measureUnmatched(exchange);
}

/** No route answered: an unknown path, or a method that its path does not have. */
function measureUnmatched(exchange: Exchange): void {
  measure(exchange, "unmatched", MEASURED_METHODS.has(exchange.method) ? exchange.method : "other");
}

const MEASURED_METHODS = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

function exchangeOf(req: Request, res: ServerResponse, { log, config }: Shared): Exchange {
  return new Exchange(req, res, log, config.HTTP_DEADLINE_MS, config.HTTP_WAIT_DEADLINE_MS);
}

const DRAIN_POLL_MS = 5;

function lifecycle(name: string, server: Server, shared: Shared): HttpServer {
  const { HTTP_HOST: host, HTTP_PORT: port } = shared.config;
  let closed: Promise<void> | undefined;
  const stopAccepting = (): Promise<void> => {
    shared.isDraining = true;
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    return closed;
  };
  return {
    name,
    get address() {
      const { port: bound } = (server.address() ?? { port }) as AddressInfo;
      return { host, port: bound, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}` };
    },
    async start() {
      await listen(server, port, host);
      listening.set(name, shared);
    },
    unready() {
      shared.isDraining = true;
    },
    stopAccepting() {
      void stopAccepting();
    },
    async finish() {
      while (shared.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    },
    async close() {
      const done = stopAccepting();
      server.closeAllConnections();
      await done;
      if (listening.get(name) === shared) listening.delete(name);
    },
  };
}
