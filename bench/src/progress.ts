const startedAtMs = Date.now();

/** A line for the person who waits; standard output is for the report alone. */
export function tell(line: string): void {
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
}
