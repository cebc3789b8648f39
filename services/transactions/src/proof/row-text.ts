/**
 * How PostgreSQL prints a column: `plain` is an id, a number or a word without a blank; `json` is given as JSON text, `instant`
 * as RFC 3339 in UTC.
 */
export type ColumnKind = "plain" | "text" | "flag" | "json" | "instant";

let lastInstant = "";
let lastInstantText = "";

const print: Readonly<Record<ColumnKind, (value: unknown) => string>> = {
  plain: String,
  text: (value) => quotedWhereNeeded(String(value)),
  flag: (value) => (value === true ? "t" : "f"),
  json: (value) => quotedWhereNeeded(jsonbText(JSON.parse(String(value)))),
  instant: (value) => {
    // The rows of a stream share few instants, so the last one is remembered.
    if (value !== lastInstant) {
      lastInstant = String(value);
      lastInstantText = `"${instantText(lastInstant)}"`;
    }
    return lastInstantText;
  },
};

/**
 * The rows as `row::text` prints them in the time zone UTC. Equal text is an equal row; the other way round it may fail (with another
 * DateStyle, say).
 * @param columns the rows column by column, in the order of `kinds`
 */
export function* rowTexts(kinds: readonly ColumnKind[], columns: readonly (readonly unknown[])[]): Generator<string> {
  const printers = kinds.map((kind) => print[kind]);
  const count = columns[0]?.length ?? 0;
  for (let row = 0; row < count; row += 1) {
    let line = "";
    for (let column = 0; column < printers.length; column += 1) {
      const value = columns[column]?.[row];
      if (column > 0) line += ",";
      if (value !== undefined && value !== null) line += printers[column]?.(value);
    }
    yield `(${line})`;
  }
}

/** PostgreSQL manual, 8.16.6: quotes around what is empty or holds a parenthesis, comma, quote, backslash or white space. */
function quotedWhereNeeded(text: string): string {
  if (text !== "" && !/[(),"\\\s]/.test(text)) return text;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
}

/** `2026-01-15T12:00:00.070Z` as PostgreSQL prints it: `2026-01-15 12:00:00.07+00`. */
function instantText(iso: string): string {
  let end = iso.length - 1;
  while (iso[end - 1] === "0") end -= 1;
  if (iso[end - 1] === ".") end -= 1;
  return `${iso.slice(0, 10)} ${iso.slice(11, end)}+00`;
}

/** As jsonb prints it: shorter keys first, a blank after each colon and comma. */
function jsonbText(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  const entries = Object.entries(value);
  if (entries.length > 1) entries.sort(([a], [b]) => Buffer.byteLength(a) - Buffer.byteLength(b) || (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}: ${jsonbText(each)}`).join(", ")}}`;
}
