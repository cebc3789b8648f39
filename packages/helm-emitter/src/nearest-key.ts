/** How many keys a message names at most. */
const MAX_NAMED = 5;

/** The keys that exist as the end of a sentence, those that resemble the wanted one first. */
export function describeKeys(wanted: string, existing: readonly string[]): string {
  if (existing.length === 0) return "there are no keys";
  const nearest = [...existing].sort((a, b) => distance(wanted, a) - distance(wanted, b));
  const more = nearest.length > MAX_NAMED ? `, and ${nearest.length - MAX_NAMED} more` : "";
  return `there are ${nearest.slice(0, MAX_NAMED).join(", ")}${more}`;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
