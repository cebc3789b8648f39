let lastMs = Number.NaN;
let lastText = "";

/** `2026-11-21T11:31:53.353Z`. The rows of a batch share few instants, so the last one is remembered. */
export function instant(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}

/**
 * An array as PostgreSQL reads it: `{1,2,NULL}` or `{"a","b"}`. The driver's own writer cannot know which values need no
 * quoting, and took half of a commit's time. `quoted` must be true for anything but ids, numbers, instants and fixed words.
 */
export function arrayLiteral(values: readonly unknown[], quoted: boolean): string {
  if (!quoted) return `{${values.map(plain).join(",")}}`;
  return `{${values.map(quote).join(",")}}`;
}

function plain(value: unknown): string {
  return value === undefined || value === null ? "NULL" : String(value);
}

function quote(value: unknown): string {
  if (value === undefined || value === null) return "NULL";
  return `"${String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
