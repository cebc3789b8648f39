import { stringify } from "yaml";
import { development } from "./development.ts";
import { production } from "./production.ts";
import { staging } from "./staging.ts";
import { testing } from "./testing.ts";

/** Values of the umbrella for each environment, over the charts' defaults. */
export const environments = { dev: development, test: testing, stage: staging, prod: production } as const;

const heading: Readonly<Record<keyof typeof environments, string>> = {
  dev: "A laptop with kind or minikube, beside the chart kassa-backing. Passwords that everybody knows.",
  test: "The cluster tests: two pods of everything, every sidecar, ingress, small requests. Passwords that everybody knows.",
  stage: "As production, smaller. Every secret and address comes from outside: see the README.",
  prod: "Production on a managed Kubernetes. Every secret and address comes from outside: see the README.",
};

/** `values-<environment>.yaml` of the umbrella, by path. */
export function environmentFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environments).map(([name, values]) => [
      `values-${name}.yaml`,
      `# Written by npm run charts; do not edit.\n# ${heading[name as keyof typeof environments]}\n${stringify(values, { lineWidth: 0 })}`,
    ]),
  );
}
