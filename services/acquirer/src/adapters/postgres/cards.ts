import { Batcher, type Pool } from "@kassa/platform/postgres";
import type { Card } from "../../domain/test-cards.ts";
import type { Cards } from "../../ports.ts";
import { type CardRow, cardOfRow } from "./card-row.ts";

type Added = { readonly card: Card; readonly nowMs: number };

/** The cards in PostgreSQL. `maxBatch` and `maxQueue` bound what is written together and what waits. */
export function createCards(pool: Pool, bounds: { readonly maxBatch: number; readonly maxQueue: number }): Cards {
  const batcher = new Batcher<Added, undefined>({
    name: "acquirer_tokens",
    ...bounds,
    commit: (added) => insert(pool, added),
  });
  return {
    add: (card, nowMs) => batcher.submit({ card, nowMs }),
    find: (token) => find(pool, token),
  };
}

const INSERT = `
  insert into tokens (token, brand, bin, last4, exp_month, exp_year, country, behaviour, created_at)
  select token, brand, bin, last4, exp_month, exp_year, country, behaviour, to_timestamp(created_ms / 1000)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::smallint[], $7::text[], $8::text[],
    $9::float8[]) as t (token, brand, bin, last4, exp_month, exp_year, country, behaviour, created_ms)`;

async function insert(pool: Pool, added: readonly Added[]): Promise<undefined[]> {
  const values = [
    added.map(({ card }) => card.token),
    added.map(({ card }) => card.brand),
    added.map(({ card }) => card.bin),
    added.map(({ card }) => card.last4),
    added.map(({ card }) => card.expMonth),
    added.map(({ card }) => card.expYear),
    added.map(({ card }) => card.country),
    added.map(({ card }) => card.behaviour),
    added.map(({ nowMs }) => nowMs),
  ];
  await pool.query({ name: "insert_tokens", text: INSERT, values });
  return added.map(() => undefined);
}

const FIND = `
  select token, brand, bin, last4, exp_month, exp_year, country, behaviour from tokens where token = $1`;

async function find(pool: Pool, token: string): Promise<Card | undefined> {
  const { rows } = await pool.query<CardRow>({ name: "find_token", text: FIND, values: [token] });
  return rows[0] === undefined ? undefined : cardOfRow(rows[0]);
}
