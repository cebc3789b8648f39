import { Problem } from "@kassa/contracts/problem";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { HttpConfig } from "./settings.ts";

/** Counts towards one limit; rejects with a Problem beyond it. */
export type RateLimit = (key: string) => Promise<void>;

export type RateLimits = {
  readonly merchant: RateLimit | undefined;
  readonly address: RateLimit | undefined;
  readonly failedAuth: RateLimit | undefined;
};

/** The limits of one process, in its memory: entries live as long as their window, so that their number is bounded by the traffic of one. */
export function createRateLimits(config: HttpConfig): RateLimits {
  return {
    merchant: rateLimit(config.HTTP_MERCHANT_RATE_PER_S, 1),
    address: rateLimit(config.HTTP_ADDRESS_RATE_PER_S, 1),
    failedAuth: rateLimit(config.HTTP_FAILED_AUTH_PER_MINUTE, 60),
  };
}

function rateLimit(points: number, windowS: number): RateLimit | undefined {
  if (points === 0) return undefined;
  const limiter = new RateLimiterMemory({ points, duration: windowS });
  return (key) =>
    limiter.consume(key).then(nothing, (refusal: { readonly msBeforeNext?: number }) => {
      const retryAfterS = Math.max(1, Math.ceil((refusal.msBeforeNext ?? 1000) / 1000));
      throw new Problem("rate_limited", `Up to ${points} requests in ${windowS} s are taken.`, { retryAfterS });
    });
}

function nothing(): void {}
