import { hash } from "node:crypto";
import pg from "pg";
import type { Secrets } from "./secrets.ts";

const INSERT_MERCHANT =
  "insert into merchants (id, name, created_at) values ($1, 'Sandbox', now()) on conflict (id) do nothing";
const INSERT_API_KEY = `
  insert into api_keys (id, merchant_id, prefix, hash, scopes, created_at) values ($1, $2, $3, $4, $5, now())
  on conflict (id) do nothing`;

const SCOPES = ["payments:read", "payments:write"];
/** As much of a key as may be shown again: its kind and four characters. */
const PREFIX_CHARACTERS = "sk_test_".length + 4;

/** Makes the merchant of the sandbox and its key known, unless they are; a key that was revoked stays so. */
export async function ensureSandboxMerchant(databaseUrl: string, secrets: Secrets): Promise<void> {
  const { merchantId, apiKeyId, apiKey } = secrets;
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(INSERT_MERCHANT, [merchantId]);
    const prefix = apiKey.slice(0, PREFIX_CHARACTERS);
    await client.query(INSERT_API_KEY, [apiKeyId, merchantId, prefix, hash("sha256", apiKey, "buffer"), SCOPES]);
  } finally {
    await client.end();
  }
}
