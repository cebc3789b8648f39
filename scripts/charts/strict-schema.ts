/** A JSON Schema as OpenAPI and CRDs write it; only what the conversion reads. */
export type OpenApiSchema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: boolean | OpenApiSchema;
  readonly items?: OpenApiSchema;
  readonly allOf?: readonly OpenApiSchema[];
  readonly anyOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly not?: OpenApiSchema;
  readonly nullable?: boolean;
  readonly [keyword: string]: unknown;
};

export type StrictSchema = { readonly [keyword: string]: unknown };

/** What restricts values, and means the same in OpenAPI and JSON Schema. */
const KEPT = [
  "enum",
  "required",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
];

const REFERENCE = /^#\/components\/schemas\/(.+)$/;
/** A status is the API server's to write. */
const NOT_OURS = new Set(["status"]);

/**
 * JSON Schema that says what the API server lets through without pruning: an object has the properties that are named and no others, unless
 * it preserves unknown fields. Descriptions, defaults and formats are left out. References become `#/$defs/...`.
 */
export function strictSchema(schema: OpenApiSchema): StrictSchema {
  const reference = referenceOf(schema);
  if (reference !== undefined) return { $ref: `#/$defs/${reference}` };
  if (schema["x-kubernetes-int-or-string"] === true) return { type: ["integer", "string"], ...restrictions(schema) };
  return {
    ...(schema.type === undefined ? {} : { type: schema.nullable === true ? [schema.type, "null"] : schema.type }),
    ...restrictions(schema),
    ...(schema.type === "object" ? objectKeywords(schema) : partialKeywords(schema)),
    ...(schema.items === undefined ? {} : { items: strictSchema(schema.items) }),
    ...branches(schema),
  };
}

/** The definitions that a schema reaches, with those that they reach; sorted. @throws Error for one that is not there */
export function reachable(root: string, definitions: Readonly<Record<string, StrictSchema>>): string[] {
  const found = new Set<string>();
  const queue = [root];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const definition = definitions[name];
    if (definition === undefined) throw new Error(`there is no definition ${name}`);
    for (const [, next] of JSON.stringify(definition).matchAll(/"#\/\$defs\/([^"]+)"/g)) queue.push(next as string);
  }
  return [...found].sort();
}

/** Also of a lone reference that OpenAPI wraps, so that it may carry a description. */
function referenceOf({ $ref, allOf = [] }: OpenApiSchema): string | undefined {
  const [only, ...others] = allOf;
  const target = $ref ?? (others.length === 0 ? only?.$ref : undefined);
  return target === undefined ? undefined : (REFERENCE.exec(target)?.[1] ?? target);
}

function restrictions(schema: OpenApiSchema): StrictSchema {
  return Object.fromEntries(KEPT.filter((keyword) => keyword in schema).map((keyword) => [keyword, schema[keyword]]));
}

function objectKeywords(schema: OpenApiSchema): StrictSchema {
  const { additionalProperties = false } = schema;
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true;
  const rest = typeof additionalProperties === "object" ? strictSchema(additionalProperties) : isOpen;
  return { ...properties(schema), additionalProperties: rest };
}

/** A branch of anyOf and the like restricts properties without naming them all. */
function partialKeywords(schema: OpenApiSchema): StrictSchema {
  return properties(schema);
}

function properties({ properties: named }: OpenApiSchema): StrictSchema {
  if (named === undefined) return {};
  const ours = Object.entries(named).filter(([name]) => !NOT_OURS.has(name));
  return { properties: Object.fromEntries(ours.map(([name, property]) => [name, strictSchema(property)])) };
}

function branches({ allOf, anyOf, oneOf, not }: OpenApiSchema): StrictSchema {
  const lists = Object.entries({ allOf, anyOf, oneOf }).filter(([, list]) => list !== undefined);
  return {
    ...Object.fromEntries(lists.map(([keyword, list]) => [keyword, list?.map(strictSchema)])),
    ...(not === undefined ? {} : { not: strictSchema(not) }),
  };
}
