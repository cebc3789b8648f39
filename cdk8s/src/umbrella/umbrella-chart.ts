import { type Chart, type Document, defineChart, type Ref, valuesRef } from "@kassa/helm-emitter";
import { App, Chart as Cdk8sChart } from "cdk8s";
import { environmentFiles } from "../environments/environments.ts";
import { imageTemplate } from "../image.ts";
import { namingOf } from "../naming.ts";
import { release } from "../release.ts";
import { merchantJob, proveJob, sandboxMerchantJob, type UmbrellaModel } from "./cli-jobs.ts";
import { footprintTable } from "./footprint-table.ts";
import { notes } from "./notes.ts";
import { type UmbrellaValues, umbrellaValues } from "./umbrella-values.ts";

/** The chart of the whole product: every service's chart, and jobs with the command `kassa`. */
export function umbrellaChart(charts: readonly Chart[]) {
  const schema = umbrellaValues(charts);
  const v = valuesRef(schema) as unknown as Ref<UmbrellaValues>;
  const naming = namingOf("kassa", v);
  const model: UmbrellaModel = { v, naming, image: imageTemplate("kassa.image", "the command kassa", v.cli.image) };
  const scope = new Cdk8sChart(new App(), "kassa");
  const file = (name: string, comment: string, document: Document) => ({
    path: `templates/${name}.yaml`,
    comment,
    documents: [document],
  });
  const chart = defineChart({
    ...release,
    name: "kassa",
    description: "Payments for teams that run their own Kubernetes: every service of Kassa as one release.",
    values: schema,
    templates: [...naming.templates, model.image],
    files: [
      file("prove", "The proof of the books, every night and whenever somebody asks.", proveJob(scope, model)),
      file("merchant", "From which `kubectl create job` makes a merchant.", merchantJob(scope, model)),
      file("sandbox-merchant", "For development only.", sandboxMerchantJob(scope, model)),
    ],
    dependencies: charts.map((chart) => ({ chart })),
    assets: environmentFiles(),
    notes: notes(naming.fullname),
  });
  return {
    ...chart,
    readme: {
      introduction:
        "The whole product as one release. `values-dev.yaml` with the chart kassa-backing needs nothing else; `values-stage.yaml` and `values-prod.yaml` show what production wants.",
      sections: [{ heading: "Footprint", markdown: footprintTable(chart) }],
    },
  };
}
