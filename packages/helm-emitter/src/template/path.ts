import { ChartDefinitionError } from "../chart-definition-error.ts";

/** One step of a path: a key of a mapping, the item of a list whose field has a value, or an item by its place. */
export type Step =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "where"; readonly field: string; readonly value: string }
  | { readonly kind: "place"; readonly place: number };

/** `key`, `["any key"]`, `[name=app]` or `[0]`, with a dot before a bare key that is not the first. */
const STEP =
  /(?:\.|^)(?<key>[^.[\]"]+)|\["(?<quoted>[^"]+)"\]|\[(?<field>[\w-]+)=(?<value>[^\]]+)\]|\[(?<place>\d+)\]/y;

/**
 * A path such as `spec.template.spec.containers[name=app].image` or `metadata.annotations["prometheus.io/scrape"]`; the empty path is
 * the object itself.
 * @throws ChartDefinitionError when it cannot be read
 */
export function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  const pattern = new RegExp(STEP);
  while (pattern.lastIndex < path.length) {
    const groups = pattern.exec(path)?.groups;
    if (groups === undefined) {
      throw new ChartDefinitionError(`the path ${path} cannot be read: write a.b, a["b.c"], a[name=b] or a[0]`);
    }
    const { key, quoted, field, value, place } = groups;
    const anyKey = key ?? quoted;
    if (anyKey !== undefined) steps.push({ kind: "key", key: anyKey });
    else if (field !== undefined && value !== undefined) steps.push({ kind: "where", field, value });
    else steps.push({ kind: "place", place: Number(place) });
  }
  return steps;
}

export function printStep(step: Step): string {
  if (step.kind === "where") return `[${step.field}=${step.value}]`;
  return step.kind === "place" ? `[${step.place}]` : /[.[\]"]/.test(step.key) ? `["${step.key}"]` : step.key;
}
