import { randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { type DataFolder, writeOwnFile } from "./data-folder.ts";
import { Refusal } from "./refusal.ts";

/** What this installation alone knows: made once, the same after every restart. */
export type Secrets = {
  /** Of the sandbox merchant. */
  readonly apiKey: string;
  readonly apiKeyId: Uuid;
  readonly merchantId: Uuid;
  readonly internalToken: string;
  readonly acquirerToken: string;
  readonly acquirerWebhookSecret: string;
  readonly idempotencySecret: string;
};

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 32 characters of base62 are 190 bits. */
const API_KEY_CHARACTERS = 32;
const SECRET_BYTES = 32;

/**
 * The secrets of the folder, made when it has none yet.
 * @throws Refusal when the file is there and cannot be used
 */
export function openSecrets(folder: DataFolder): Secrets {
  const found = readSecrets(folder);
  if (found !== undefined) return found;
  const secrets = createSecrets();
  writeOwnFile(folder.secretsFile, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/**
 * The secrets of the folder, or undefined when nothing was ever started there.
 * @throws Refusal when the file is there and cannot be used
 */
export function readSecrets(folder: DataFolder): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(folder.secretsFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Refusal(`The secrets in ${folder.secretsFile} cannot be read (${(error as Error).message}).`);
  }
  const secrets = parseSecrets(text);
  if (secrets !== undefined) return secrets;
  throw new Refusal(
    `The file ${folder.secretsFile} is damaged. Restore it, or move it away: Kassa then makes new keys, and the old sandbox key ends.`,
  );
}

function parseSecrets(text: string): Secrets | undefined {
  try {
    const found = JSON.parse(text) as Record<string, unknown>;
    const names = Object.keys(createSecrets());
    return names.every((name) => typeof found[name] === "string") ? (found as unknown as Secrets) : undefined;
  } catch {
    return undefined;
  }
}

function createSecrets(): Secrets {
  const nowMs = Date.now();
  return {
    apiKey: `sk_test_${randomBase62(API_KEY_CHARACTERS)}`,
    apiKeyId: uuidv7(nowMs),
    merchantId: uuidv7(nowMs),
    internalToken: randomSecret("base64url"),
    acquirerToken: randomSecret("base64url"),
    acquirerWebhookSecret: `whsec_${randomSecret("base64")}`,
    idempotencySecret: randomSecret("base64url"),
  };
}

function randomBase62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join("");
}

function randomSecret(encoding: "base64" | "base64url"): string {
  return randomBytes(SECRET_BYTES).toString(encoding);
}
