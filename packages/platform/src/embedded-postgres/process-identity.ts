import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process id alone is reused after a while or a reboot; together with its start it names one process for ever. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

const hasProc = process.platform === "linux";

/** The identity of a living process, or undefined when there is none by that id (a zombie is none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const startedAt = hasProc ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True while the very process of `identity` lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** The command line of a process, arguments separated by spaces; empty when it cannot be read. */
export function commandLine(pid: number): string {
  if (!hasProc) return ps(pid, "command=");
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** The processes whose working directory is `folder`: on Linux all of a PostgreSQL's; elsewhere unknown, so none. */
export function processesWorkingIn(folder: string): number[] {
  return allProcesses().filter((pid) => workingDirectory(pid) === folder);
}

/** The processes that have `text` in their command line; none where that is unknown. */
export function processesNaming(text: string): number[] {
  return allProcesses().filter((pid) => pid !== process.pid && commandLine(pid).includes(text));
}

function allProcesses(): number[] {
  return hasProc ? readdirSync("/proc").map(Number).filter(Number.isInteger) : [];
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process that is gone already is fine. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

// proc(5), /proc/pid/stat: the state is field 3 and the start in clock ticks since boot field 22; field 2 may hold anything in brackets.
const FIRST_FIELD = 3;
const STATE_FIELD = 3;
const START_FIELD = 22;

function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[STATE_FIELD - FIRST_FIELD] === "Z") return undefined;
    return `${bootId()}:${fields[START_FIELD - FIRST_FIELD]}`;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function startFromPs(pid: number): string | undefined {
  const started = ps(pid, "lstart=");
  return started === "" ? undefined : started;
}

function ps(pid: number, column: string): string {
  return spawnSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";
}
