import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import type { Screening } from "@kassa/contracts/payment-events";
import { err, ok, type Result } from "@kassa/kernel/result";
import type { Screener } from "../domain/screen.ts";

export type { Screener };

/** How many payments are screened between two looks at the time. */
const LOOK_EVERY = 64;

/** Screens the payments in their order, or says `late` once the budget is spent: half a batch helps nobody. */
export function screenPayments(
  payments: readonly ScreeningRequest[],
  screen: Screener,
  { budgetMs, elapsedMs }: { readonly budgetMs: number; elapsedMs(): number },
): Result<Screening[], "late"> {
  const screenings: Screening[] = [];
  for (const payment of payments) {
    if (screenings.length % LOOK_EVERY === 0 && elapsedMs() > budgetMs) return err("late");
    screenings.push(screen(payment));
  }
  return elapsedMs() > budgetMs ? err("late") : ok(screenings);
}
