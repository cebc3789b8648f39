import { type ErrorCode, errorCodes } from "@kassa/contracts/error-codes";
import type { Route, RouteAuth } from "@kassa/contracts/route";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { strictSchema } from "./strict-schema.ts";

/** An OpenAPI 3.1 document, as far as /docs and tests look into it. */
export type OpenApiDocument = {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: object;
};
export type OpenApiOperation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
};
export type OpenApiParameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
};
export type OpenApiResponse = { readonly description: string; readonly headers?: object; readonly content?: Content };
type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;

/** The document of a table of routes, made from the schemas that validate and the table of errors. */
export function openApiDocument(routes: readonly Route[], info: { readonly title: string }): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    (paths[route.path] as Record<string, OpenApiOperation>)[route.method.toLowerCase()] = operationOf(route);
  }
  const used = new Set(routes.map((route) => route.auth));
  const schemes = Object.entries(securitySchemes).filter(([auth]) => used.has(auth as RouteAuth));
  return {
    openapi: "3.1.0",
    info: { title: info.title, version: "0.1.0" },
    paths,
    components: { securitySchemes: Object.fromEntries(schemes), schemas: { Problem: problemSchema } },
  };
}

const securitySchemes: Readonly<Record<Exclude<RouteAuth, "public">, object>> = {
  api_key: { type: "http", scheme: "bearer", description: "A merchant's API key: sk_…" },
  internal: { type: "http", scheme: "bearer", description: "The token between services of Kassa" },
  signature: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description: "Standard Webhooks signature of the raw body",
  },
};

/** What a route may answer with by what it is, beside its own errors. */
function errorsOf(route: Route): readonly ErrorCode[] {
  const codes: ErrorCode[] = ["internal", "unavailable", "deadline_exceeded", "rate_limited"];
  if (route.auth === "api_key" || route.auth === "internal") codes.push("unauthenticated");
  if (route.auth === "signature") codes.push("signature_invalid");
  if (route.scope !== undefined) codes.push("forbidden");
  if (route.idempotent === true) codes.push("idempotency_key_required");
  if (route.params !== undefined) codes.push("not_found");
  if (route.params !== undefined || route.query !== undefined) codes.push("invalid_text");
  if (route.query !== undefined) codes.push("invalid_request");
  if (route.body !== undefined) {
    codes.push("invalid_request", "invalid_json", "invalid_text", "body_too_large", "unsupported_media_type");
  }
  return [...new Set([...codes, ...route.errors])].sort();
}

function operationOf(route: Route): OpenApiOperation {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.service],
    security: route.auth === "public" ? [] : [{ [route.auth]: route.scope === undefined ? [] : [route.scope] }],
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(route.body === undefined ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: responsesOf(route),
  };
}

function requestBodyOf(body: TSchema): { readonly required: boolean; readonly content: Content } {
  const isRequired = ((body as { required?: readonly string[] }).required ?? []).length > 0;
  return { required: isRequired, content: { "application/json": { schema: strictSchema(body), ...exampleOf(body) } } };
}

function responsesOf(route: Route): Record<string, OpenApiResponse> {
  const responses: Record<string, OpenApiResponse> = {};
  for (const [status, { description, schema }] of Object.entries(route.answers)) {
    const content = schema === undefined ? {} : { content: { "application/json": { schema, ...exampleOf(schema) } } };
    responses[status] = { description, ...content };
  }
  for (const [status, codes] of Map.groupBy(errorsOf(route), (code) => errorCodes[code].status)) {
    const mayWait = status === 409 || status === 429 || status === 503;
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join("; "),
      ...(mayWait ? { headers: { "Retry-After": { schema: { type: "integer" }, description: "seconds" } } } : {}),
      content: {
        "application/problem+json": { schema: problemOf(codes), example: problemExample(codes[0] as ErrorCode) },
      },
    };
  }
  return responses;
}

function pathParameters(route: Route): OpenApiParameter[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: propertiesOf(route.params)[name] ?? { type: "string" },
  }));
}

function queryParameters(route: Route): OpenApiParameter[] {
  const required = (route.query as { required?: readonly string[] } | undefined)?.required ?? [];
  return Object.entries(propertiesOf(route.query)).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...("description" in schema ? { description: String(schema.description) } : {}),
    schema,
  }));
}

const idempotencyKey: OpenApiParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "New for each operation, the same for each repetition of it. Kept for 7 days.",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]{1,255}$" },
};
const preferWait: OpenApiParameter = {
  name: "Prefer",
  in: "header",
  required: false,
  description: "`wait=N`: waits up to N seconds (30 at most) for the outcome.",
  schema: { type: "string", pattern: "^wait=[0-9]+$", examples: ["wait=10"] },
};

function headerParameters(route: Route): OpenApiParameter[] {
  return [...(route.idempotent === true ? [idempotencyKey] : []), ...(route.takesWait === true ? [preferWait] : [])];
}

function propertiesOf(schema: TSchema | undefined): Readonly<Record<string, object>> {
  return (schema as { properties?: Record<string, object> } | undefined)?.properties ?? {};
}

/** The schema's own example, or one made from its defaults and limits. Some patterns allow none to be made. */
function exampleOf(schema: TSchema): { readonly example?: unknown } {
  const own = schema as { example?: unknown; examples?: readonly unknown[] };
  if (own.example !== undefined) return { example: own.example };
  if (own.examples?.[0] !== undefined) return { example: own.examples[0] };
  try {
    return { example: Value.Create(schema) };
  } catch {
    return {};
  }
}

const problemSchema = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status", "code", "detail", "request_id"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { enum: Object.keys(errorCodes) },
    detail: { type: "string", description: "What went wrong and what to do next" },
    param: { type: "string", description: "The member of the request at fault, as a dotted path" },
    request_id: { type: "string" },
  },
};

function problemOf(codes: readonly ErrorCode[]): object {
  return { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }] };
}

function problemExample(code: ErrorCode): object {
  const { status, title } = errorCodes[code];
  return {
    type: `urn:kassa:error:${code}`,
    title,
    status,
    code,
    detail: `${title}.`,
    request_id: "0af7651916cd43dd8448eb211c80319c",
  };
}
