/**
 * Writes packages/client/src/kassa-client.ts from the OpenAPI document of the merchants' routes: one type a schema, one
 * method an operation. `--check` only compares; the tests do that too.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import type { Route } from "@kassa/contracts/route";
import { type OpenApiOperation, openApiDocument } from "@kassa/platform/http";

const target = fileURLToPath(new URL("../packages/client/src/kassa-client.ts", import.meta.url));

type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
};

/** The client's source, formatted. */
export function generateClient(): string {
  const routes: readonly Route[] = Object.values(paymentRoutes);
  const merchants = routes.filter(({ auth }) => auth === "api_key");
  const document = openApiDocument(merchants, { title: "Kassa payments" });
  const methods = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => methodOf(method.toUpperCase(), path, operation)),
  );
  const types = Object.entries(document.paths).flatMap(([, operations]) => Object.values(operations).flatMap(typesOf));
  const source = `// Generated from the OpenAPI document by scripts/generate-client.ts; do not edit.
import { type CallOptions, type ClientOptions, request } from "./request.ts";

${types.join("\n\n")}

/** Every operation of the API as a method; see request.ts for retries and errors. */
export class KassaClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

${methods.join("\n\n")}
}
`;
  return format(source);
}

function typesOf(operation: OpenApiOperation): string[] {
  const name = capitalised(operation.operationId);
  const types = [`export type ${name}Answer = ${typeOf(answerSchema(operation))};`];
  const body = bodySchema(operation);
  if (body !== undefined) types.push(`export type ${name}Body = ${typeOf(body)};`);
  const query = operation.parameters.filter((parameter) => parameter.in === "query");
  if (query.length > 0) {
    const members = query.map((each) => `readonly ${each.name}?: ${typeOf(each.schema as Schema)};`);
    types.push(`export type ${name}Query = { ${members.join(" ")} };`);
  }
  return types;
}

function methodOf(method: string, path: string, operation: OpenApiOperation): string {
  const name = capitalised(operation.operationId);
  const hasId = path.includes("{id}");
  const hasQuery = operation.parameters.some((parameter) => parameter.in === "query");
  const isPost = method === "POST";
  const parameters = [
    ...(hasId ? ["id: string"] : []),
    ...(isPost ? [`body: ${name}Body`] : []),
    ...(hasQuery ? [`query: ${name}Query = {}`] : []),
    ...(isPost ? ["options?: CallOptions"] : []),
  ];
  const url = path.replace("{id}", "$" + "{encodeURIComponent(id)}");
  const members = [
    `method: "${method}"`,
    `path: \`${url}\``,
    ...(isPost ? ["body", "options"] : []),
    ...(hasQuery ? ["query"] : []),
  ];
  return `  /** ${operation.summary}. */
  ${operation.operationId}(${parameters.join(", ")}): Promise<${name}Answer> {
    return request(this.#options, { ${members.join(", ")} });
  }`;
}

function answerSchema(operation: OpenApiOperation): Schema {
  const [, answer] = Object.entries(operation.responses).find(([status]) => status.startsWith("2")) ?? [];
  return (answer?.content?.["application/json"]?.schema ?? {}) as Schema;
}

function bodySchema(operation: OpenApiOperation): Schema | undefined {
  return operation.requestBody?.content["application/json"]?.schema as Schema | undefined;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case "object":
      return objectType(schema);
    default:
      return "unknown";
  }
}

function objectType(schema: Schema): string {
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values !== undefined) return `Readonly<Record<string, ${typeOf(values)}>>`;
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) => `readonly ${name}${schema.required?.includes(name) ? "" : "?"}: ${typeOf(member)};`,
  );
  return members.length === 0 ? "Readonly<Record<string, never>>" : `{ ${members.join(" ")} }`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function format(source: string): string {
  const biome = fileURLToPath(new URL("../node_modules/.bin/biome", import.meta.url));
  const stdio: ["pipe", "pipe", "ignore"] = ["pipe", "pipe", "ignore"];
  return execFileSync(biome, ["format", "--stdin-file-path=kassa-client.ts"], {
    input: source,
    encoding: "utf8",
    stdio,
  });
}

if (import.meta.main) {
  const source = generateClient();
  const isCurrent = readFileSync(target, { encoding: "utf8", flag: "a+" }) === source;
  if (process.argv.includes("--check")) process.exit(isCurrent ? 0 : 1);
  if (!isCurrent) writeFileSync(target, source);
}
