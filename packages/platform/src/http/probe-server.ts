import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { metricsText } from "../metrics/index.ts";
import { listen } from "./listen.ts";

/** Something outside that a service needs. It is reported, and never makes a pod unready: that would take the others down with it. */
export type HealthCheck = {
  readonly name: string;
  /** Rejects with what is wrong. */
  check(): Promise<void>;
};

export type ProbeServerOptions = {
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly isStarted: () => boolean;
  /** Started and not draining. */
  readonly isReady: () => boolean;
  /** What /readyz?verbose reports. */
  readonly checks?: () => readonly HealthCheck[];
};

export type ProbeServer = {
  readonly port: number;
  start(): Promise<void>;
  close(): Promise<void>;
};

const CHECK_TIMEOUT_MS = 2_000;

/** The kubelet's and Prometheus' server on a port of its own: /livez, /readyz, /startupz and /metrics. */
export function createProbeServer(options: ProbeServerOptions): ProbeServer {
  const server = createServer({ keepAliveTimeout: 5_000 }, (req, res) => {
    respond(options, req.url ?? "/", res).catch(() => send(res, 500, "text/plain", "failed\n"));
  });
  return {
    get port() {
      return (server.address() as AddressInfo | null)?.port ?? options.port;
    },
    start: () => listen(server, options.port, options.host ?? "0.0.0.0"),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(options: ProbeServerOptions, url: string, res: ServerResponse): Promise<void> {
  const [path, query] = url.split("?");
  switch (path) {
    case "/livez":
      return send(res, 200, "text/plain", "alive\n");
    case "/startupz":
      return sendVerdict(res, options.isStarted(), "started", "starting");
    case "/readyz":
      if (query === "verbose") return sendJson(res, options.isReady(), await runChecks(options.checks?.() ?? []));
      return sendVerdict(res, options.isReady(), "ready", "unready");
    case "/metrics": {
      const { contentType, text } = await metricsText();
      return send(res, 200, contentType, text);
    }
    default:
      return send(res, 404, "text/plain", "/livez /readyz /startupz /metrics\n");
  }
}

async function runChecks(checks: readonly HealthCheck[]): Promise<Record<string, string>> {
  const results = await Promise.all(checks.map(async (check) => [check.name, await verdictOf(check)] as const));
  return Object.fromEntries(results);
}

async function verdictOf(check: HealthCheck): Promise<string> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  try {
    await Promise.race([check.check(), late]);
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function sendVerdict(res: ServerResponse, isUp: boolean, yes: string, no: string): void {
  send(res, isUp ? 200 : 503, "text/plain", `${isUp ? yes : no}\n`);
}

function sendJson(res: ServerResponse, isReady: boolean, checks: Record<string, string>): void {
  send(res, isReady ? 200 : 503, "application/json", JSON.stringify({ ready: isReady, checks }));
}

function send(res: ServerResponse, status: number, type: string, text: string): void {
  res.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  res.end(text);
}
