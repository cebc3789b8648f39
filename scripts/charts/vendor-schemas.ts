/**
 * `npm run charts:schemas`: writes JSON schemas of the kinds that the charts use into tests/charts/schemas/, strict and compact, each file
 * with its source and version. Reads the OpenAPI of the API server of the current kubeconfig, which must know Gateway API and KEDA, and the
 * CRD of PodMonitor from the Prometheus operator's Go module (needs `go`). Kong's kinds are in tests/charts/kong-schemas.ts, by hand.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OpenApiSchema, reachable, type StrictSchema, strictSchema } from "./strict-schema.ts";

const folder = join(import.meta.dirname, "../../tests/charts/schemas");
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0";

type Definitions = Readonly<Record<string, OpenApiSchema>>;
/** Kinds by their path in the API, as `apiVersion: [kind, ...]`. */
type Kinds = Readonly<Record<string, readonly string[]>>;

const kubernetes: Kinds = {
  v1: ["ConfigMap", "Pod", "Secret", "Service", "ServiceAccount"],
  "apps/v1": ["Deployment", "StatefulSet"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "batch/v1": ["CronJob", "Job"],
  "networking.k8s.io/v1": ["Ingress", "NetworkPolicy"],
  "policy/v1": ["PodDisruptionBudget"],
};

writeSchemas("kubernetes", "Kubernetes", serverVersion(), kubernetes);
writeSchemas("gateway-api", "Gateway API", gatewayVersion(), { "gateway.networking.k8s.io/v1": ["HTTPRoute"] });
writeSchemas("keda", "KEDA", kedaVersion(), { "keda.sh/v1alpha1": ["ScaledObject"] });
writePodMonitor();

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES });
}

function get(path: string): unknown {
  return JSON.parse(run("kubectl", "get", "--raw", path, "--request-timeout=30s"));
}

function serverVersion(): string {
  return (get("/version") as { gitVersion: string }).gitVersion;
}

function gatewayVersion(): string {
  const crd = get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/httproutes.gateway.networking.k8s.io");
  const { annotations } = (crd as { metadata: { annotations: Record<string, string> } }).metadata;
  const of = (key: string) => annotations[`gateway.networking.k8s.io/${key}`];
  return `${of("bundle-version")}, ${of("channel")} channel`;
}

/** Its CRDs do not say it; the operator's image does, where it has a tag. */
function kedaVersion(): string {
  const list = get("/apis/apps/v1/deployments?labelSelector=app.kubernetes.io/part-of=keda-operator") as DeploymentList;
  const images = list.items.flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
  return images.map((image) => image.split(":").at(-1)).at(0) ?? "unknown";
}

type DeploymentList = {
  readonly items: readonly { readonly spec: { readonly template: { readonly spec: PodSpec } } }[];
};
type PodSpec = { readonly containers: readonly { readonly image: string }[] };

function openApi(apiVersion: string): Definitions {
  const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  return (get(`/openapi/v3/${path}`) as { components: { schemas: Definitions } }).components.schemas;
}

function writeSchemas(file: string, source: string, version: string, kinds: Kinds): void {
  const found = Object.entries(kinds).flatMap(([apiVersion, names]) => {
    const definitions = openApi(apiVersion);
    return names.map((kind) => ({ apiVersion, kind, definitions, name: definitionOf(definitions, apiVersion, kind) }));
  });
  const all = Object.fromEntries(
    found.flatMap(({ definitions }) => Object.entries(definitions).map(([name, one]) => [name, strictSchema(one)])),
  );
  for (const { apiVersion, kind, name } of found) all[name] = ofKind(all[name] as StrictSchema, apiVersion, kind);
  const roots = Object.fromEntries(found.map(({ apiVersion, kind, name }) => [`${apiVersion} ${kind}`, name]));
  write(file, { source, version, kinds: roots }, all);
}

/** The definition that says it is of this group, version and kind. */
function definitionOf(definitions: Definitions, apiVersion: string, kind: string): string {
  const [version, group = ""] = apiVersion.split("/").toReversed();
  const found = Object.entries(definitions).find(([, definition]) => {
    const kinds = (definition["x-kubernetes-group-version-kind"] ?? []) as readonly Record<string, string>[];
    return kinds.some((one) => one.group === group && one.version === version && one.kind === kind);
  });
  if (found === undefined) throw new Error(`the API server does not know ${apiVersion} ${kind}`);
  return found[0];
}

/** A manifest must say what it is, and have a name. */
function ofKind(schema: StrictSchema, apiVersion: string, kind: string): StrictSchema {
  const { properties, required = [] } = schema as { properties: StrictSchema; required?: readonly string[] };
  return {
    ...schema,
    properties: { ...properties, apiVersion: { const: apiVersion }, kind: { const: kind } },
    required: [...new Set([...required, "apiVersion", "kind", "metadata"])],
  };
}

function writePodMonitor(): void {
  const { Dir: module } = JSON.parse(run("go", "mod", "download", "-json", PROMETHEUS_OPERATOR)) as { Dir: string };
  const path = join(module, "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml");
  const crd = JSON.parse(run("kubectl", "create", "--dry-run=client", "--output=json", "--filename", path)) as Crd;
  const schema = crd.spec.versions.find(({ name }) => name === "v1")?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${path} has no version v1`);
  const apiVersion = "monitoring.coreos.com/v1";
  const named = { ...schema, properties: { ...schema.properties, metadata: { $ref: OBJECT_META } } };
  const meta = Object.entries(openApi("apps/v1")).map(([name, definition]) => [name, strictSchema(definition)]);
  const all = { ...Object.fromEntries(meta), PodMonitor: ofKind(strictSchema(named), apiVersion, "PodMonitor") };
  const [source = "", version = ""] = PROMETHEUS_OPERATOR.split("@");
  write("prometheus-operator", { source, version, kinds: { [`${apiVersion} PodMonitor`]: "PodMonitor" } }, all);
}

type Crd = { readonly spec: { readonly versions: readonly CrdVersion[] } };
type CrdVersion = { readonly name: string; readonly schema: { readonly openAPIV3Schema: OpenApiSchema } };

type Heading = { readonly source: string; readonly version: string; readonly kinds: Readonly<Record<string, string>> };

/** One definition a line, so that a change of version can be read. */
function write(file: string, heading: Heading, all: Readonly<Record<string, StrictSchema>>): void {
  const names = new Set(Object.values(heading.kinds).flatMap((root) => reachable(root, all)));
  const lines = [heading, ...[...names].sort().map((name) => ({ name, schema: all[name] }))];
  const path = join(folder, `${file}.jsonl`);
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  console.log(`${file}: ${heading.version}, ${Object.keys(heading.kinds).length} kinds, ${names.size} definitions`);
}
