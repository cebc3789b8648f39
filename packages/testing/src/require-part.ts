import { test } from "node:test";

/** `all`: a part that is missing fails the tests that need it, as in continuous integration. Otherwise they are skipped. */
export const REQUIRE_VARIABLE = "KASSA_TEST_REQUIRE";

/**
 * True when the part is there. Otherwise registers one test that is skipped, or fails where everything is required, and
 * the file should register nothing more.
 */
export function requirePart(part: string, present: boolean): boolean {
  if (present) return true;
  const reason = `${part} is not installed: scripts/install-brokers.sh installs it`;
  if (process.env[REQUIRE_VARIABLE] === "all") {
    test(`needs ${part}`, () => {
      throw new Error(reason);
    });
  } else {
    test(`needs ${part}`, { skip: reason }, () => undefined);
  }
  return false;
}
