import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import { err, ok, type Result } from "@kassa/kernel/result";
import type { SettlementReport } from "../ports.ts";

export type SettlementPorts = { readonly report: SettlementReport };

export type SettlementPage = { readonly lines: readonly SettlementLine[]; readonly hasMore: boolean };

/** Positions have at most 16 digits, as the report writes them. */
const CURSOR = /^[0-9]{1,16}$/;

/** At most `limit` lines after the line with the id `after`, oldest first. */
export async function listSettlement(
  { after = "0", limit }: { readonly after?: string | undefined; readonly limit: number },
  { report }: SettlementPorts,
): Promise<Result<SettlementPage, "invalid_cursor">> {
  if (!CURSOR.test(after)) return err("invalid_cursor");
  // One line more than asked for tells whether there is more.
  const lines = await report.linesAfter(BigInt(after), limit + 1);
  return ok({ lines: lines.slice(0, limit), hasMore: lines.length > limit });
}
