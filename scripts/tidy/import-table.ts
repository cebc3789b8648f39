import { dirname, join } from "node:path";
import { type Finding, isTest, lineAt, type SourceFile } from "./source-file.ts";

/** A layer of the house: what lies in it and which layers its files may import, beside their own. First match wins. */
type Layer = { readonly name: string; readonly files: RegExp; readonly imports: readonly string[] };

const INNER = ["kernel", "contracts"];
const SERVICE = ["domain", "ports", "commands", "adapters", "http", "consumers", "wiring"];

const layers: readonly Layer[] = [
  { name: "kernel", files: /^packages\/kernel\//, imports: [] },
  { name: "contracts", files: /^packages\/contracts\//, imports: ["kernel"] },
  { name: "platform", files: /^packages\/platform\//, imports: INNER },
  { name: "testing", files: /^packages\/testing\//, imports: [...INNER, "platform"] },
  { name: "client", files: /^packages\/client\//, imports: [] },
  { name: "helm-emitter", files: /^packages\/helm-emitter\//, imports: [] },
  { name: "domain", files: /^services\/[^/]+\/src\/domain\//, imports: INNER },
  { name: "ports", files: /^services\/[^/]+\/src\/ports(\.ts|\/)/, imports: [...INNER, "domain"] },
  { name: "commands", files: /^services\/[^/]+\/src\/commands\//, imports: [...INNER, "domain", "ports"] },
  { name: "adapters", files: /^services\/[^/]+\/src\/adapters\//, imports: [...INNER, "platform", "domain", "ports"] },
  {
    name: "http",
    files: /^services\/[^/]+\/src\/http\//,
    imports: [...INNER, "platform", "domain", "ports", "commands"],
  },
  {
    name: "consumers",
    files: /^services\/[^/]+\/src\/consumers\//,
    imports: [...INNER, "platform", "domain", "ports", "commands"],
  },
  { name: "wiring", files: /^services\//, imports: [...INNER, "platform", ...SERVICE] },
  { name: "cli", files: /^cli\//, imports: [...INNER, "platform", ...SERVICE] },
  { name: "cdk8s", files: /^cdk8s\//, imports: [...INNER, "platform", "helm-emitter", "wiring"] },
  { name: "scripts", files: /^scripts\//, imports: [...INNER, "platform", "testing"] },
  {
    name: "whole product",
    files: /^(tests|bench|chaos|loadtests)\//,
    imports: [...INNER, "platform", "testing", "client", "cli", "cdk8s", "helm-emitter", ...SERVICE],
  },
];

/** Beside its layer's, a test may import these. */
const TEST_IMPORTS = ["testing", "platform", ...INNER];
/** From here a service may be imported that is not one's own. */
const ABOVE_SERVICES = new Set(["cli", "cdk8s", "whole product"]);

/** Workspaces that lie in the root itself. */
const UNGROUPED = new Set(["cli", "cdk8s"]);

/** Packages that stay in one place, so that they can be replaced there. Tests are free. */
const confined: readonly { readonly name: RegExp; readonly only: RegExp; readonly because: string }[] = [
  { name: /^express$/, only: /^packages\/platform\/src\/http\//, because: "Express's types stop at platform/http" },
  {
    name: /^kafkajs$/,
    only: /^packages\/platform\/src\/bus\/kafka/,
    because: "another client must be able to replace it",
  },
  {
    name: /^pg$/,
    only: /^packages\/(platform|testing)\/|\/adapters\/|^cli\/|^scripts\//,
    because: "SQL lives in adapters",
  },
  { name: /./, only: /^(?!packages\/kernel\/)/, because: "the kernel imports nothing" },
  // What computes without touching the world may serve the domain.
  {
    name: /^(?!(node:crypto|typebox|yaml)($|\/))/,
    only: /^(?!services\/[^/]+\/src\/domain\/)/,
    because: "the domain is pure",
  },
];

/** Holds the import table over one module. */
export function checkImports(file: SourceFile): Finding[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    const target = targetPath(file.path, specifier);
    const sentence = target === undefined ? refusePackage(file.path, specifier) : refuseModule(file.path, target);
    return sentence === undefined ? [] : [{ path: file.path, line, sentence }];
  });
}

function refusePackage(path: string, specifier: string): string | undefined {
  if (isTest(path)) return undefined;
  const rule = confined.find(({ name, only }) => name.test(specifier) && !only.test(path));
  return rule === undefined ? undefined : `imports ${specifier}: ${rule.because}`;
}

function refuseModule(path: string, target: string): string | undefined {
  const from = layerOf(path);
  const to = layerOf(target);
  if (from === undefined || to === undefined) return `imports ${target}: no layer in the import table`;
  const [ownService, otherService] = [serviceOf(path), serviceOf(target)];
  const foreign = otherService !== undefined && otherService !== ownService;
  if (foreign && !ABOVE_SERVICES.has(from.name)) return `imports the service ${otherService}: only cli may`;
  if (from.name === to.name) return undefined;
  const allowed = isTest(path) ? [...from.imports, ...TEST_IMPORTS, ...(foreign ? [] : SERVICE)] : from.imports;
  return allowed.includes(to.name) ? undefined : `${from.name} must not import ${to.name} (${target})`;
}

function layerOf(path: string): Layer | undefined {
  return layers.find(({ files }) => files.test(path));
}

function serviceOf(path: string): string | undefined {
  return /^services\/([^/]+)\//.exec(path)?.[1];
}

/** The path of a module of ours; undefined for a package or a part of Node. */
function targetPath(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return join(dirname(from), specifier);
  const [, name, subpath] = /^@kassa\/([^/]+)(?:\/(.*))?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const workspace =
    layerOf(`packages/${name}/`) !== undefined ? `packages/${name}` : UNGROUPED.has(name) ? name : `services/${name}`;
  return `${workspace}/src/${subpath ?? "index"}${name === "platform" ? "/index.ts" : ".ts"}`;
}

function importsOf(file: SourceFile): { specifier: string; line: number }[] {
  if (file.module === undefined) return [];
  const { staticImports, staticExports, dynamicImports } = file.module.module;
  const requests = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? [])),
  ].map(({ value, start }) => ({ specifier: value, line: lineAt(file, start) }));
  const dynamic = dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const literal = /^["'](.*)["']$/.exec(file.text.slice(start, end))?.[1];
    return literal === undefined ? [] : [{ specifier: literal, line: lineAt(file, start) }];
  });
  return [...requests, ...dynamic];
}
