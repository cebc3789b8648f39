import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import { createExecutor, createJsonClient, type JsonClient } from "@kassa/platform/resilience";
import type { SettlementSource } from "./checks/provider.ts";

/** Lines asked for at once: an answer of about 1 MB. */
const PAGE_LINES = 5_000;

/** The sandbox acquirer's settlement report over HTTP, page by page, each with the retries of every remote call. */
export function acquirerSettlement({ url, token }: { readonly url: string; readonly token: string }): SettlementSource {
  return {
    async *listSettlement() {
      const executor = createExecutor({ name: "settlement" });
      const client = createJsonClient({
        origin: url,
        executor,
        headers: { authorization: `Bearer ${token}` },
        connections: 1,
      });
      try {
        yield* allLines(client);
      } finally {
        await client.close();
      }
    },
  };
}

async function* allLines(client: JsonClient): AsyncGenerator<SettlementLine> {
  let after = "0";
  for (;;) {
    const path = `/v1/settlement?limit=${PAGE_LINES}&starting_after=${after}`;
    const { status, json } = await client.request({ method: "GET", path, idempotent: true });
    if (status !== 200) throw new Error(`the settlement report answered ${status}`);
    const page = json as { data: readonly SettlementLine[]; has_more: boolean };
    yield* page.data;
    const last = page.data.at(-1);
    if (!page.has_more || last === undefined) return;
    after = last.id;
  }
}
