import assert from "node:assert/strict";
import { it } from "node:test";
import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import { screenPayments } from "./screen-payments.ts";

const payment = { payment_id: "p", merchant_id: "m", amount: 1, currency: "EUR", token: "t" } as ScreeningRequest;
const screening = { decision: "allow", reasons: [], rule_set: "t", fallback: false } as const;

it("a batch whose budget runs out is late as a whole and screens no further", () => {
  let screened = 0;
  let now = 0;
  const screen = () => {
    screened += 1;
    now += 1;
    return { ...screening, reasons: [] };
  };
  const payments = Array.from({ length: 1000 }, () => payment);
  assert.deepEqual(screenPayments(payments, screen, { budgetMs: 50, elapsedMs: () => now }), {
    ok: false,
    error: "late",
  });
  assert.ok(screened <= 64);
});
