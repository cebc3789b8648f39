import { readFileSync, rmSync } from "node:fs";
import { identifyProcess, isAlive, type ProcessIdentity } from "@kassa/platform/embedded-postgres";
import { type DataFolder, writeOwnFile } from "./data-folder.ts";

/** What a running installation tells the other commands. */
export type RunningInstallation = ProcessIdentity & {
  /** Base address of the API. */
  readonly url: string;
  readonly acquirerUrl: string;
  /** Probes and metrics. */
  readonly probesUrl: string;
};

/** The installation that runs on the folder now, or undefined. */
export function findRunning(folder: DataFolder): RunningInstallation | undefined {
  try {
    const found = JSON.parse(readFileSync(folder.runningFile, "utf8")) as RunningInstallation;
    return isAlive(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Tells that this process runs the installation. */
export function announceRunning(folder: DataFolder, addresses: Omit<RunningInstallation, keyof ProcessIdentity>): void {
  const self = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: "unknown" };
  writeOwnFile(folder.runningFile, `${JSON.stringify({ ...self, ...addresses }, null, 2)}\n`);
}

export function forgetRunning(folder: DataFolder): void {
  rmSync(folder.runningFile, { force: true });
}
