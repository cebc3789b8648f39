import { test } from "node:test";

/** `all`: a part that is missing fails the tests that need it, as in continuous integration. Otherwise they are skipped. */
export const REQUIRE_VARIABLE = "KASSA_TEST_REQUIRE";

/** Where each part comes from. */
const sources = {
  Kafka: "scripts/install-brokers.sh installs it",
  Kubernetes: "kubectl needs a kubeconfig of a cluster to test on",
  helm: "https://helm.sh/docs/intro/install tells how to install it",
} as const;

/**
 * True when the part is there. Otherwise registers one test that is skipped, or fails where everything is required, and
 * the file should register nothing more.
 */
export function requirePart(part: keyof typeof sources, present: boolean): boolean {
  if (present) return true;
  const reason = `${part} is not installed: ${sources[part]}`;
  if (process.env[REQUIRE_VARIABLE] === "all") {
    test(`needs ${part}`, () => {
      throw new Error(reason);
    });
  } else {
    test(`needs ${part}`, { skip: reason }, () => undefined);
  }
  return false;
}
