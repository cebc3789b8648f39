/** The load of the issue: 60 s where there is time for it, otherwise 20 s. */
export function loadDurationMs(): number {
  const long = process.env.KASSA_TEST_LONG === "1" || (process.env.CI ?? "") !== "";
  return long ? 60_000 : 20_000;
}

export const RATE_PER_S = 200;

/** What a provider may take is kept short, so that two minutes hold several tries; all other figures are the product's own. */
export const shortTimeouts = { ACQUIRER_TIMEOUT_MS: "2000", PROVIDER_DEADLINE_MS: "4000" } as const;
