import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { chartFiles, synthesize } from "../src/index.ts";
import { cornerCases, proveChart, randomCases } from "../src/proof/index.ts";
import { shop } from "./shop-chart.ts";

const files = chartFiles(shop);
const MONITORED = { apiVersions: ["monitoring.coreos.com/v1"] };
/** A rule asks for hosts wherever there is TLS. */
const ONE_SIDED = ["settings.yaml.tls: if $.Values.hosts"];

describe("the shop's chart", () => {
  it("has the same bytes every time", () => {
    assert.deepEqual([...chartFiles(shop)], [...files]);
  });

  it("reads like one that a person wrote", () => {
    const deployment = files.get("templates/deployment.yaml") ?? "";
    assert.match(
      deployment,
      /^\{\{- \/\* Written by a test; do not edit\.\n {5}The shop itself\. \*\/ -\}\}\napiVersion: apps\/v1\nkind: /,
    );
    for (const lines of [
      [
        "spec:",
        "  {{- if not .Values.autoscaling.enabled }}",
        "  replicas: {{ .Values.replicas }}",
        "  {{- end }}",
        "  selector:",
      ],
      [
        "      {{- with .Values.nodeSelector }}",
        "      nodeSelector:",
        "        {{- toYaml . | nindent 8 }}",
        "      {{- end }}",
      ],
      [
        "          resources:",
        "            {{- toYaml .Values.resources | nindent 12 }}",
        "          securityContext:",
      ],
      ['            - "{{ "{{" }} .Literal }}"', '            - "yes"'],
      ["          imagePullPolicy: {{ .Values.image.pullPolicy }}", "          args:"],
      ["            - name: CACHE_BYTES", "              value: {{ .Values.cacheBytes | int64 | quote }}"],
    ]) {
      assert.ok(deployment.includes(`\n${lines.join("\n")}\n`), `${lines.join("\n")}\n--- is not in\n${deployment}`);
    }
  });

  it("leaves out what would be empty instead of printing null", () => {
    const [, , ingress] = synthesize(shop, { values: { hosts: [{ host: "a.test", paths: ["/"] }] } }).map(
      ({ kind, ...object }) => ({ kind, object }),
    );
    assert.equal(ingress?.kind, "Ingress");
    assert.ok(!("annotations" in (ingress?.object.metadata ?? {})));
  });

  it("refuses values that break the schema, a rule or a check", () => {
    const refused = (values: object, sentence: RegExp) =>
      assert.throws(() => synthesize(shop, { values: values as never }), sentence);
    refused({ replicas: 51 }, /the values of shop are not valid:\n\/replicas /);
    refused({ unknown: 1 }, /not valid/);
    refused({ tls: true }, /not valid/);
    refused({ grace: { totalSeconds: 30 } }, /grace.totalSeconds \(30\) must hold grace.drainSeconds \(30\) and/);
    assert.ok(synthesize(shop, { values: { enabled: true, global: { anything: 1 } } }).length > 0);
  });
});

if (requirePart("helm", hasHelm())) {
  describe("the shop's chart in Helm", () => {
    it("is what the model says, for every corner and by chance, with every guard seen both ways", async () => {
      const report = await proveChart({
        chart: shop,
        helm: helmProgram(),
        cases: [
          ...cornerCases(shop, MONITORED),
          ...randomCases(shop, { seed: 20_261_121, count: 30 }),
          { name: "named as the chart", releaseName: "shop", namespace: "till" },
          {
            name: "too little grace",
            values: { grace: { totalSeconds: 30 } },
            refusal: /must hold grace.drainSeconds \(30\)/,
          },
          { name: "too many", values: { replicas: 51 }, refusal: /replicas.*maximum/s },
          { name: "a typing error", values: { replica: 1 }, refusal: /replica/ },
          { name: "TLS for nothing", values: { tls: true }, refusal: /hosts/ },
          { name: "nobody's values", values: { global: { a: { b: 1 } }, enabled: false } },
        ],
        allowOneSided: ONE_SIDED,
      });
      assert.ok(report.refused >= 4);
      assert.ok(report.objects > report.cases);
      assert.equal(report.oneSided.length, 1);
    });
  });
}
