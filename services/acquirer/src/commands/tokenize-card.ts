import type { Clock } from "@kassa/kernel/clock";
import { publicId, uuidv7 } from "@kassa/kernel/id";
import type { Result } from "@kassa/kernel/result";
import type { Card } from "../domain/test-cards.ts";
import { type CardInvalid, type RawCard, tokenize } from "../domain/tokenize.ts";
import type { Cards } from "../ports.ts";

export type { Card };

export type CardPorts = { readonly cards: Cards; readonly clock: Clock };

/** Exchanges a card for a token. The number goes no further than this call. */
export async function tokenizeCard(raw: RawCard, { cards, clock }: CardPorts): Promise<Result<Card, CardInvalid>> {
  const nowMs = clock.now();
  const token = publicId("token", uuidv7(nowMs));
  const outcome = tokenize(raw, token, nowMs);
  if (outcome.ok && outcome.value.token === token) await cards.add(outcome.value, nowMs);
  return outcome;
}
