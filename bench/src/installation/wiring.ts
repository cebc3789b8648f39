import { randomBytes } from "node:crypto";
import type { Wiring } from "@kassa/cli/installation/environments";
import { uuidv7 } from "@kassa/kernel/id";
import { freePorts } from "@kassa/testing/broker-process";

const WIRING_VARIABLE = "KASSA_BENCH_WIRING";

type Secrets = Wiring["secrets"];

/** Ports and secrets of one installation; several of them share a server, told apart by their databases' suffix. */
export async function createWiring(serverUrl: string, suffix: string): Promise<Wiring> {
  const [api = 0, fraud = 0, acquirer = 0] = await freePorts(3);
  return wiringOf({ secrets: createSecrets(), ports: { api, fraud, acquirer }, serverUrl, suffix });
}

/** For the environment of a child that makes its services' environments itself. */
export function wiringVariable(wiring: Wiring): Readonly<Record<string, string>> {
  return { [WIRING_VARIABLE]: JSON.stringify(wiring) };
}

export function readWiring(env: Readonly<Record<string, string | undefined>>): Wiring {
  return wiringOf(JSON.parse(env[WIRING_VARIABLE] ?? "{}") as Plain);
}

type Plain = Pick<Wiring, "secrets" | "ports"> & { readonly serverUrl: string; readonly suffix: string };

function wiringOf(plain: Plain): Wiring & Plain {
  return {
    ...plain,
    connectionString: (database) => {
      const url = new URL(plain.serverUrl);
      url.pathname = `/${database}_${plain.suffix}`;
      return url.href;
    },
  };
}

function createSecrets(): Secrets {
  const secret = () => randomBytes(32).toString("base64url");
  return {
    apiKey: `sk_test_${randomBytes(16).toString("hex")}`,
    apiKeyId: uuidv7(Date.now()),
    merchantId: uuidv7(Date.now()),
    internalToken: secret(),
    acquirerToken: secret(),
    acquirerWebhookSecret: `whsec_${randomBytes(32).toString("base64")}`,
    idempotencySecret: secret(),
  };
}
