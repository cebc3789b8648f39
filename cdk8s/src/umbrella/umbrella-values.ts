import { type Chart, subchartValues } from "@kassa/helm-emitter";
import Type, { type Static } from "typebox";
import { imageValues } from "../values/image-values.ts";
import { flag, openMap, section, text, textMap } from "../values/kubernetes-types.ts";

/** Values of the umbrella beside those of the services. */
const ownValues = {
  nameOverride: text("", "in place of the chart's name in the names of objects"),
  fullnameOverride: text("", "the whole name of the objects"),
  commonLabels: textMap("labels of every object of this chart"),
  commonAnnotations: textMap("annotations of every object of this chart"),
  cli: section("the command kassa, which the jobs below run", {
    image: imageValues("the command kassa", "kassa/cli", ""),
    imagePullSecrets: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: "Secrets for the registry",
    }),
    databaseSecret: section("the database of transactions, as the role that the service runs as", {
      name: text("", "a Secret; empty: the one that the chart transactions makes"),
      key: text("DATABASE_URL", "its key"),
    }),
    acquirerSecret: section("the sandbox provider's token", {
      name: text("", "a Secret; empty: the one that the chart acquirer makes"),
      key: text("INTERNAL_TOKEN", "its key"),
    }),
    podSecurityContext: openMap("of the jobs' pods", {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    }),
    securityContext: openMap("of their containers", {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    }),
  }),
  prove: section("a CronJob that proves the books: it fails when money was lost or doubled", {
    enabled: flag(true, "make it"),
    schedule: text("17 3 * * *", "when, as in cron"),
    withAcquirer: flag(false, "compare with the sandbox provider's settlement as well"),
  }),
  merchant: section("a suspended CronJob from which `kubectl create job` makes a merchant with a new API key", {
    enabled: flag(true, "make it"),
  }),
  sandboxMerchant: section("for development: a merchant with a known API key, made after each install", {
    enabled: flag(false, "make it"),
    apiKey: Type.String({
      default: "",
      pattern: "^(sk_test_[0-9A-Za-z]{32,})?$",
      description: "sk_test_ and at least 32 letters and digits",
    }),
  }),
};

/** Every value of the umbrella: its own, and a section for each service. */
export function umbrellaValues(charts: readonly Chart[]) {
  return Type.Object({
    ...Object.fromEntries(charts.map((chart) => [chart.name, subchartValues(chart)])),
    ...ownValues,
  });
}

export type UmbrellaValues = Static<ReturnType<typeof umbrellaOnly>>;

function umbrellaOnly() {
  return Type.Object(ownValues);
}
