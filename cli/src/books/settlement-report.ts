import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import { Refusal } from "../installation/refusal.ts";

const PAGE_LINES = 10_000;
const TIMEOUT_MS = 30_000;

type Page = { readonly data: readonly SettlementLine[]; readonly has_more: boolean };

/** Everything that ever moved at the acquirer, oldest first, page by page. */
export async function* listSettlement(origin: string, token: string): AsyncGenerator<SettlementLine> {
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await readPage(origin, token, after);
    yield* page.data;
    after = page.data.at(-1)?.id;
    more = page.has_more && after !== undefined;
  }
}

async function readPage(origin: string, token: string, after: string | undefined): Promise<Page> {
  const query = new URLSearchParams({
    limit: String(PAGE_LINES),
    ...(after === undefined ? {} : { starting_after: after }),
  });
  const answer = await fetch(new URL(`/v1/settlement?${query}`, origin), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error) => {
    throw new Refusal(`The acquirer at ${origin} does not answer (${String(error.cause ?? error.message)}).`);
  });
  if (!answer.ok) throw new Refusal(`The acquirer at ${origin} refuses its settlement report with ${answer.status}.`);
  return (await answer.json()) as Page;
}
