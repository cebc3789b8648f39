import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createLogger } from "@kassa/platform/log";
import { migrate } from "@kassa/platform/postgres";
import { startService } from "@kassa/platform/runtime";
import { createTestDatabase, type TestDatabase, templateKey } from "@kassa/testing/postgres";
import { acquirerService, migrationsFolder } from "../src/service.ts";

export const TOKEN = "test-internal-token";

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  readonly body: any;
};

export type Sandbox = {
  readonly url: string;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, key?: string, timeoutMs?: number): Promise<Answer>;
  stop(): Promise<boolean>;
};

/** A database of its own with the acquirer's schema. */
export function createDatabase(): Promise<TestDatabase> {
  return createTestDatabase({
    template: {
      name: templateKey("acquirer", migrationsFolder),
      async prepare(connectionString) {
        await migrate({ connectionString, folder: migrationsFolder });
      },
    },
  });
}

/** An acquirer inside this process. Fault delays are short unless `env` says otherwise. */
export async function startSandbox(database: TestDatabase, env: Record<string, string> = {}): Promise<Sandbox> {
  const all = await sandboxEnv(database, env);
  const running = startService(acquirerService, {
    env: all,
    log: createLogger({ service: "acquirer", level: "silent" }),
  });
  await running.ready;
  const url = `http://127.0.0.1:${all.HTTP_PORT}`;
  return { ...client(url), stop: () => running.stop() };
}

/** The environment of an acquirer for tests, on a free port. */
export async function sandboxEnv(
  database: TestDatabase,
  env: Record<string, string> = {},
): Promise<Record<string, string>> {
  return {
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: String(await freePort()),
    PROBE_PORT: "0",
    DATABASE_URL: database.connectionString,
    INTERNAL_TOKEN: TOKEN,
    POLL_MS: "10",
    SHUTDOWN_BOUND_MS: "5000",
    FAULT_SLOW_MS: "300",
    FAULT_LATE_LOOKUP_MS: "600",
    FAULT_COMPLETION_MS: "200",
    DISPUTE_AFTER_MS: "100",
    WEBHOOK_RETRY_BASE_MS: "20",
    ...env,
  };
}

export function client(url: string): Pick<Sandbox, "url" | "get" | "post"> {
  return {
    url,
    get: (path) => send(url + path, { headers: { authorization: `Bearer ${TOKEN}` } }),
    post: (path, body, key, timeoutMs) =>
      send(url + path, {
        method: "POST",
        headers: {
          authorization: `Bearer ${TOKEN}`,
          "content-type": "application/json",
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        body: JSON.stringify(body),
        ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      }),
  };
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === "" ? undefined : JSON.parse(text) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

let made = 0;

/** A name that no other test has used. */
export function fresh(prefix: string): string {
  made += 1;
  return `${prefix}-${process.pid}-${made}`;
}

/** The body of a charge of 19.99 EUR on the token. */
export function chargeBody(token: string, more: Record<string, unknown> = {}) {
  return { amount: 1999, currency: "EUR", token, capture: true, metadata: { operation_id: fresh("op") }, ...more };
}

/** Asks until the condition holds, 5 s at most, and gives back what it returned. */
export async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const giveUpAt = performance.now() + 5_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > giveUpAt) throw new Error("waited 5 s in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
