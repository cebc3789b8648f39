import { fileURLToPath } from "node:url";
import { httpSettings } from "@kassa/platform/http";
import Type, { type Static } from "typebox";

/** The environment of the fraud service, beside what the runtime adds. */
export const fraudConfig = Type.Object({
  ...httpSettings,
  INTERNAL_TOKEN: Type.String({ secret: true, minLength: 16, description: "the bearer token of every caller" }),
  RULES_FILE: Type.Optional(
    Type.String({ description: "path of the YAML file of rules; default: the one in the image" }),
  ),
  SCREENING_BUDGET_MS: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 50,
    description: "ms; a batch that takes longer is answered with 503, and its caller decides what that means",
  }),
});

export type FraudConfig = Static<typeof fraudConfig>;

/** The rules that come with the service. */
export const defaultRulesFile = fileURLToPath(new URL("../rules/default.yaml", import.meta.url));
