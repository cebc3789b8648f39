import { fraudRoutes } from "@kassa/contracts/fraud-routes";
import { Problem } from "@kassa/contracts/problem";
import type { Clock } from "@kassa/kernel/clock";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { type Screener, screenPayments as screenAll } from "../commands/screen-payments.ts";

export function screenPayments(ports: {
  readonly screen: Screener;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly budgetMs: number;
}): BoundRoute {
  const { screen, clock, budgetMs } = ports;
  return bindRoute(fraudRoutes.screenPayments, ({ body }) => {
    const startedAtMs = clock.now();
    const outcome = screenAll(body.payments, screen, { budgetMs, elapsedMs: () => clock.now() - startedAtMs });
    if (!outcome.ok)
      throw new Problem("unavailable", `The screening took longer than ${budgetMs} ms; send fewer payments.`);
    return { status: 200, body: { screenings: outcome.value } };
  });
}
