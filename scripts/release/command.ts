import { spawnSync } from "node:child_process";

const OUTPUT_BYTES = 64 * 1024 * 1024;
/** Longer than what Helm itself may wait (`--timeout`). */
const COMMAND_MS = 20 * 60_000;

/** Runs a program to its end and gives what it printed. @throws Error with what it said when it fails */
export function run(program: string, words: readonly string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: "utf8",
    input,
    maxBuffer: OUTPUT_BYTES,
    timeout: COMMAND_MS,
  });
  if (status === 0) return stdout;
  const said = error?.message ?? (stderr.trim() || `ended with ${status}`);
  throw new Error(`${program} ${words.slice(0, 3).join(" ")}: ${said}`);
}
