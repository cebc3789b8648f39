import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { helmProgram } from "@kassa/testing/helm";
import { chartsFolder } from "./charts.ts";

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Oldest and newest are the same to the charts; every command says which cluster it is for. */
export const KUBE_VERSION = "1.34.0";

export type HelmResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs Helm; rejects only when it cannot be run. */
export function helm(...args: readonly string[]): Promise<HelmResult> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  return new Promise((resolve, reject) => {
    execFile(helmProgram(), args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}

/** A copy of charts/ with the umbrella's dependencies in it: the checkout stays as it is. */
export class ChartsCopy implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "kassa-charts-"));

  static async make(): Promise<ChartsCopy> {
    const copy = new ChartsCopy();
    const isHelms = /\/kassa\/(charts|Chart\.lock)$/;
    cpSync(chartsFolder, copy.#folder, { recursive: true, filter: (path) => !isHelms.test(path) });
    const { code, stderr } = await helm("dependency", "update", copy.chart("kassa"), "--skip-refresh");
    if (code !== 0) throw new Error(`helm dependency update: ${stderr}`);
    return copy;
  }

  /** The folder of a chart. */
  chart(name: string): string {
    return join(this.#folder, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
