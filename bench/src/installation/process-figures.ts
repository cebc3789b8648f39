import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, whatever the machine (USER_HZ). */
const TICKS_A_SECOND = 100;

/** CPU seconds that a process has used so far, in user and kernel mode. */
export function cpuSeconds(pid: number): number {
  const { userTicks, systemTicks } = readStat(pid);
  return (userTicks + systemTicks) / TICKS_A_SECOND;
}

/** Of a postmaster and all its children: those that run and those that have ended. */
export function cpuSecondsOfFamily(postmaster: number): number {
  const own = readStat(postmaster);
  const ended = (own.endedUserTicks + own.endedSystemTicks) / TICKS_A_SECOND;
  return childrenOf(postmaster).reduce((sum, pid) => sum + cpuOrZero(pid), cpuSeconds(postmaster) + ended);
}

/** MiB of memory that a process holds. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib ?? 0) / 1024;
}

/** MiB that a postmaster and its children hold each for themselves; what they share (the buffers) is counted once, by the largest. */
export function residentMiBOfFamily(postmaster: number): number {
  const parts = [postmaster, ...childrenOf(postmaster)].flatMap((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
      return [{ own: kib("RssAnon"), shared: kib("RssShmem") + kib("RssFile") }];
    } catch {
      return [];
    }
  });
  const own = parts.reduce((sum, part) => sum + part.own, 0);
  return (own + Math.max(0, ...parts.map(({ shared }) => shared))) / 1024;
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readStat(pid).parent === parent;
      } catch {
        return false;
      }
    });
}

/** A child may end while it is looked at; its ticks are then among the postmaster's. */
function cpuOrZero(pid: number): number {
  try {
    return cpuSeconds(pid);
  } catch {
    return 0;
  }
}

/** proc(5): the fields after the name, which alone may hold spaces. */
function readStat(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    userTicks: field(14),
    systemTicks: field(15),
    endedUserTicks: field(16),
    endedSystemTicks: field(17),
  };
}
