import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PaymentRequest, paymentRoutes } from "@kassa/contracts/payment-routes";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { Compile } from "typebox/schema";
import { environmentValues } from "./environment-values.ts";
import { ChartsCopy } from "./helm-command.ts";
import { type Rendering, renderEnvironment } from "./renderings.ts";

/** `helm template` leaves NOTES.txt out; a template that prints it is not. */
const SHOWN_NOTES = `apiVersion: v1
kind: ConfigMap
metadata:
  name: shown-notes
data:
  notes: {{ tpl (.Files.Get "shown-notes.txt") . | toJson }}
`;

function showNotes(copy: ChartsCopy): void {
  const chart = copy.chart("kassa");
  cpSync(join(chart, "templates/NOTES.txt"), join(chart, "shown-notes.txt"));
  writeFileSync(join(chart, "templates/shown-notes.yaml"), SHOWN_NOTES);
}

function notesOf({ objects }: Rendering): string {
  const shown = objects.find(({ metadata }) => metadata.name === "shown-notes");
  assert.ok(shown);
  return (shown.data as { readonly notes: string }).notes;
}

/** The objects that commands name, as `kind/name`: `--from=cronjob/kassa-prove`, `port-forward service/kassa-transactions`. */
function namedObjects(notes: string): string[] {
  return [...notes.matchAll(/\b(cronjob|service|deployment)\/([\w-]+)/g)].map(([, kind, name]) => `${kind}/${name}`);
}

if (requirePart("helm", hasHelm())) {
  describe("NOTES.txt, after an installation", () => {
    let copy: ChartsCopy;
    before(async () => {
      copy = await ChartsCopy.make();
      showNotes(copy);
    });
    after(() => copy[Symbol.dispose]());

    for (const { name } of environmentValues) {
      it(`in ${name}: names the release, its namespace, and objects that are there`, async () => {
        const rendering = await renderEnvironment(copy, name);
        const notes = notesOf(rendering);
        assert.match(notes, /^Kassa is being installed as kassa in the namespace kassa\.$/m);
        assert.doesNotMatch(notes, /<no value>|\{\{/);
        const there = rendering.objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
        const named = namedObjects(notes);
        assert.ok(named.length >= 3, named.join(", "));
        for (const one of named) assert.ok(there.includes(one), `${one} is not there`);
      });

      it(`in ${name}: its first payment is one that the API takes`, async () => {
        const notes = notesOf(await renderEnvironment(copy, name));
        const { method, path } = paymentRoutes.createPayment;
        assert.equal(method, "POST");
        assert.ok(notes.includes(`http://127.0.0.1:8081${path} `));
        for (const header of ["Authorization: Bearer", "Idempotency-Key:", "Content-Type: application/json"]) {
          assert.ok(notes.includes(`-H '${header}`), header);
        }
        const [, body = ""] = /-d '(\{.*\})'/.exec(notes) ?? [];
        assert.ok(Compile(PaymentRequest).Check(JSON.parse(body)), body);
      });
    }
  });
}
