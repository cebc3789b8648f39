import { execFileSync } from "node:child_process";

/** The path of Helm's program. Default: `helm` in the PATH. */
const HELM_VARIABLE = "KASSA_HELM";

/** Helm 3 as a command. */
export function helmProgram(): string {
  const given = process.env[HELM_VARIABLE];
  return given === undefined || given === "" ? "helm" : given;
}

/** True when Helm can be run. */
export function hasHelm(): boolean {
  try {
    execFileSync(helmProgram(), ["version", "--short"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
