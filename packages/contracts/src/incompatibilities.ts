/** As much of JSON Schema as the schemas of events use. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The schemas of a release, by event type. */
export type EventSchemas = Readonly<Record<string, JsonSchema>>;

/** What a bound may do without refusing what is stored already. */
const bounds: Readonly<Record<string, "may rise" | "may fall">> = {
  maximum: "may rise",
  exclusiveMaximum: "may rise",
  maxLength: "may rise",
  maxItems: "may rise",
  maxProperties: "may rise",
  minimum: "may fall",
  exclusiveMinimum: "may fall",
  minLength: "may fall",
  minItems: "may fall",
  minProperties: "may fall",
};

/** Words about a schema that decide nothing. */
const remarks = new Set(["description", "title", "examples", "default", "$comment", "$id"]);

/** Keywords that are compared part by part; every other one has to stay as it is. */
const structure = new Set(["properties", "required", "items", "patternProperties", "anyOf"]);

/**
 * Why the new schemas cannot take the place of the released ones: a sentence each, empty when they can. Events are kept
 * for ever and read by the next release, and by consumers of the last one, so a schema may grow by optional members and
 * wider bounds alone. Anything else is a new event type.
 */
export function incompatibilities(released: EventSchemas, current: EventSchemas): string[] {
  return Object.entries(released).flatMap(([type, schema]) => {
    const now = current[type];
    return now === undefined ? [`${type} was removed`] : compare(schema, now, type);
  });
}

function compare(before: JsonSchema, now: JsonSchema, path: string): string[] {
  return [
    ...compareKeywords(before, now, path),
    ...compareMembers(before, now, path),
    ...compareAlternatives(before, now, path),
    ...comparePart(before.items, now.items, `${path}[]`),
    ...comparePatterns(before, now, path),
  ];
}

function compareKeywords(before: JsonSchema, now: JsonSchema, path: string): string[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keywords].flatMap((keyword) => {
    if (remarks.has(keyword) || structure.has(keyword)) return [];
    const [old, next] = [before[keyword], now[keyword]];
    if (JSON.stringify(old) === JSON.stringify(next) || isWider(keyword, old, next)) return [];
    return [`${path}: ${keyword} was ${JSON.stringify(old) ?? "free"} and is ${JSON.stringify(next) ?? "free"}`];
  });
}

function isWider(keyword: string, before: unknown, now: unknown): boolean {
  const direction = bounds[keyword];
  if (direction === undefined || before === undefined) return false;
  if (now === undefined) return true;
  return direction === "may rise" ? Number(now) > Number(before) : Number(now) < Number(before);
}

function compareMembers(before: JsonSchema, now: JsonSchema, path: string): string[] {
  const [old, next] = [partsOf(before.properties), partsOf(now.properties)];
  const [needed, needs] = [namesOf(before.required), namesOf(now.required)];
  return [
    ...Object.keys(old).flatMap((name) => (name in next ? [] : [`${path}.${name} was removed`])),
    ...[...needs].flatMap((name) => (needed.has(name) ? [] : [`${path}.${name} is required now`])),
    ...[...needed].flatMap((name) =>
      needs.has(name) || !(name in next) ? [] : [`${path}.${name} may be missing now`],
    ),
    ...Object.entries(old).flatMap(([name, schema]) => comparePart(schema, next[name] ?? schema, `${path}.${name}`)),
  ];
}

function comparePatterns(before: JsonSchema, now: JsonSchema, path: string): string[] {
  const [old, next] = [partsOf(before.patternProperties), partsOf(now.patternProperties)];
  const patterns = new Set([...Object.keys(old), ...Object.keys(next)]);
  return [...patterns].flatMap((pattern) => comparePart(old[pattern], next[pattern], `${path}{${pattern}}`));
}

// A new alternative is a value that a consumer has never seen; one that is gone may be stored.
function compareAlternatives(before: JsonSchema, now: JsonSchema, path: string): string[] {
  const [old, next] = [before.anyOf, now.anyOf].map((list) => (list as JsonSchema[] | undefined) ?? []);
  if (old === undefined || next === undefined || old.length === next.length) {
    return (old ?? []).flatMap((schema, place) => comparePart(schema, next?.[place], `${path}|${place + 1}`));
  }
  return [`${path} had ${old.length} alternatives and has ${next.length}`];
}

function comparePart(before: unknown, now: unknown, path: string): string[] {
  if (before === undefined && now === undefined) return [];
  if (before === undefined || now === undefined)
    return [`${path}: ${before === undefined ? "is narrowed" : "was freed"}`];
  return compare(before as JsonSchema, now as JsonSchema, path);
}

function partsOf(value: unknown): Readonly<Record<string, JsonSchema>> {
  return (value as Record<string, JsonSchema> | undefined) ?? {};
}

function namesOf(value: unknown): ReadonlySet<string> {
  return new Set((value as string[] | undefined) ?? []);
}
