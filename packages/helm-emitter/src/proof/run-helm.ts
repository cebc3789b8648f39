import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Chart } from "../chart/chart.ts";
import { writeWholeChart } from "../chart/chart-files.ts";
import type { ReleaseOptions } from "../chart/synthesize.ts";
import type { JsonObject } from "../json.ts";

/** What Helm made of a chart and values. */
export type HelmOutcome = { readonly manifests: string } | { readonly refusal: string };

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** A cluster that every chart accepts. */
const KUBE_VERSION = "v1.34.0";

/** A chart in a temporary folder, rendered by the real Helm. */
export class HelmChart implements Disposable {
  readonly #helm: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "helm-emitter-"));
  #files = 0;

  constructor(helm: string, chart: Chart) {
    this.#helm = helm;
    writeWholeChart(chart, join(this.#folder, "chart"));
  }

  /** `helm template` with the options; rejects only when Helm cannot be run. */
  async template(options: ReleaseOptions): Promise<HelmOutcome> {
    const { values = {}, releaseName = "release", namespace = "default", apiVersions = [] } = options;
    const file = join(this.#folder, `values-${this.#files++}.json`);
    writeFileSync(file, yamlSafeJson(values));
    const args = ["template", releaseName, join(this.#folder, "chart"), "--namespace", namespace, "--values", file];
    return await run(this.#helm, [
      ...args,
      "--kube-version",
      KUBE_VERSION,
      ...apiVersions.flatMap((one) => ["--api-versions", one]),
    ]);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** JSON leaves characters as they are that YAML does not read. */
function yamlSafeJson(values: JsonObject): string {
  return JSON.stringify(values).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function run(program: string, args: readonly string[]): Promise<HelmOutcome> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ manifests: stdout });
      else if (typeof error.code === "number") resolve({ refusal: stderr });
      else reject(error);
    });
  });
}
