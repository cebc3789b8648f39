import { hash } from "node:crypto";
import type { Uuid } from "@kassa/kernel/id";
import type { AuthRequest, MerchantPrincipal } from "@kassa/platform/http";
import type { Pool } from "@kassa/platform/postgres";
import { LRUCache } from "lru-cache";
import { ask } from "./database-away.ts";

const FIND = `
  select id, merchant_id, scopes from api_keys
  where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`;

/** A revoked or expired key is refused after this long at most. */
const CACHE_MS = 5_000;
const CACHED_KEYS = 10_000;
const BEARER = /^Bearer (sk_(?:test|live)_[A-Za-z0-9]{16,128})$/;

/** The hash under which a key is stored. A key is random enough for a plain SHA-256. */
export function apiKeyHash(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** Verifies API keys against their stored hashes; known ones from memory for up to 5 s. */
export class ApiKeys {
  readonly #pool: Pool;
  readonly #known = new LRUCache<string, MerchantPrincipal>({ max: CACHED_KEYS, ttl: CACHE_MS });
  readonly #asking = new Map<string, Promise<MerchantPrincipal | undefined>>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The merchant behind the request's bearer key; undefined for no, a malformed, an unknown, an expired or a revoked key. */
  authenticate = (request: AuthRequest): MerchantPrincipal | undefined | Promise<MerchantPrincipal | undefined> => {
    const header = request.header("authorization");
    if (header === undefined) return undefined;
    return this.#known.get(header) ?? this.#verify(header);
  };

  // Many requests that meet an expired entry at once ask the database once.
  #verify(header: string): Promise<MerchantPrincipal | undefined> | undefined {
    const key = BEARER.exec(header)?.[1];
    if (key === undefined) return undefined;
    const asking = this.#asking.get(header);
    if (asking !== undefined) return asking;
    const promise = this.#find(header, key).finally(() => this.#asking.delete(header));
    this.#asking.set(header, promise);
    return promise;
  }

  async #find(header: string, key: string): Promise<MerchantPrincipal | undefined> {
    const { rows } = await ask(this.#pool, { name: "find_api_key", text: FIND, values: [apiKeyHash(key)] });
    const row = rows[0] as { id: string; merchant_id: Uuid; scopes: string[] } | undefined;
    if (row === undefined) return undefined;
    const principal = { merchantId: row.merchant_id, keyId: row.id, scopes: row.scopes };
    this.#known.set(header, principal);
    return principal;
  }
}
