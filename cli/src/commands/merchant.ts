import { hash, randomInt } from "node:crypto";
import { uuidv7 } from "@kassa/kernel/id";
import pg from "pg";
import { Refusal } from "../installation/refusal.ts";

export type MerchantOptions = {
  readonly name: string;
  readonly databaseUrl: string;
  /** A key that the caller has chosen, such as one out of a Secret; a new one without it. */
  readonly apiKey?: string;
  /** ISO 8601 instant at which the key ends; never without it. */
  readonly expires?: string;
  readonly json: boolean;
};

const SCOPES = ["payments:read", "payments:write"];
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 32 characters of base62 are 190 bits. */
const KEY_CHARACTERS = 32;
const KEY = /^sk_(test|live)_[0-9A-Za-z]{32,}$/;
/** As much of a key as may be shown again: its kind and four characters. */
const PREFIX_CHARACTERS = "sk_test_".length + 4;

// One statement: a merchant without a key never exists, and the same key given twice makes nothing the second time.
const INSERT = (expiry: { readonly column: string; readonly value: string }) => `
  with known as (select merchant_id from api_keys where hash = $4),
  merchant as (
    insert into merchants (id, name, created_at) select $1, $2, now() where not exists (select 1 from known) returning id
  ),
  key as (
    insert into api_keys (id, merchant_id, prefix, hash, scopes, created_at${expiry.column})
    select $3, merchant.id, $5, $4, $6, now()${expiry.value} from merchant returning merchant_id
  )
  select merchant_id, true as made from key union all select merchant_id, false from known`;

// A key without an end is made in the database of the release before too, which does not know of any.
const UNENDING = INSERT({ column: "", value: "" });
const ENDING = INSERT({ column: ", expires_at", value: ", $7::timestamptz" });

/** Makes a merchant and an API key for it, and prints both; the key is shown this once. The same key again changes nothing. */
export async function merchant({
  name,
  databaseUrl,
  apiKey = newKey(),
  expires,
  json,
}: MerchantOptions): Promise<number> {
  if (!KEY.test(apiKey)) throw new Refusal("An API key is sk_test_ or sk_live_ and at least 32 letters and digits.");
  const ends = expires === undefined ? [] : [future(expires)];
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const [merchantId, keyId] = [uuidv7(Date.now()), uuidv7(Date.now())];
    const digest = hash("sha256", apiKey, "buffer");
    const values = [merchantId, name, keyId, digest, apiKey.slice(0, PREFIX_CHARACTERS), SCOPES, ...ends];
    const { rows } = await client.query<{ merchant_id: string; made: boolean }>(
      ends.length === 0 ? UNENDING : ENDING,
      values,
    );
    const [row] = rows;
    if (row === undefined) throw new Error("the database made neither a merchant nor found one");
    const answer = { merchant_id: row.merchant_id, api_key: apiKey, made: row.made };
    const text = row.made
      ? `Merchant  ${row.merchant_id}\nAPI key   ${apiKey}\n`
      : `This key belongs to merchant ${row.merchant_id} already.\n`;
    process.stdout.write(json ? `${JSON.stringify(answer)}\n` : text);
    return 0;
  } finally {
    await client.end();
  }
}

function future(text: string): Date {
  const instant = new Date(text);
  if (instant.getTime() > Date.now()) return instant;
  throw new Refusal(`A key ends at an instant to come, such as 2027-06-30T00:00:00Z, not at ${JSON.stringify(text)}.`);
}

function newKey(): string {
  return `sk_test_${Array.from({ length: KEY_CHARACTERS }, () => BASE62[randomInt(BASE62.length)]).join("")}`;
}
