import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { environments } from "@kassa/cdk8s/environments";
import { services } from "@kassa/cdk8s/services";
import type { JsonObject, KubeObject } from "@kassa/helm-emitter";
import { loadConfig } from "@kassa/platform/config";
import { migratorConfig } from "@kassa/platform/migrator";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import type { TObject } from "typebox";
import { chartNamed } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";
import { ChartsCopy } from "./helm-command.ts";
import { type Container, type PodTemplate, podTemplates } from "./pod-spec.ts";
import { type ProcessEnvironment, processEnvironment } from "./process-environment.ts";
import { renderEnvironment } from "./renderings.ts";
import { otherValues } from "./variable-values.ts";

/** Variables that are neither a value nor in the environment: the service's default is right in every pod. */
const LEFT_ALONE = ["HTTP_HOST", "PROBE_HOST"];
/** For Node itself. */
const NODES_OWN = ["NODE_OPTIONS"];

type ServiceName = (typeof services)[number]["name"];
type Process = {
  readonly service: (typeof services)[number];
  readonly role: string;
  readonly pod: PodTemplate;
  readonly container: Container;
  readonly environment: ProcessEnvironment;
};

/** Every container that runs a service or its migrations, as its process would find itself. */
function processes(objects: readonly KubeObject[]): Process[] {
  return podTemplates(objects).flatMap((pod) => {
    const service = services.find(({ name }) => pod.labels["app.kubernetes.io/name"] === name);
    if (service === undefined || !pod.owner.startsWith("Deployment ")) return [];
    const role = pod.labels["app.kubernetes.io/component"] ?? "";
    const { initContainers = [], containers } = pod.spec;
    return [...initContainers.filter(({ name }) => name === "migrate"), ...containers].map((container) => {
      const environment = processEnvironment(objects, pod.spec, container, (key) => placeholder(service.name, key));
      return { service, role, pod, container, environment };
    });
  });
}

/** Where the Secret is made outside: what development has, which the schema accepts. */
function placeholder(service: ServiceName, key: string): string {
  const { data } = environments.dev[service as keyof typeof environments.dev as "transactions"].secrets;
  const text = (data as Readonly<Record<string, string>>)[key];
  assert.ok(text !== undefined, `development has no ${key} for ${service}`);
  return text;
}

function isMigrator({ container }: Process): boolean {
  return container.name === "migrate";
}

/** What the process would make of it. @throws ConfigError, which ends a pod before it has begun */
function configOf(process: Process): Readonly<Record<string, unknown>> {
  const schema: TObject = isMigrator(process) ? migratorConfig : process.service.config;
  return loadConfig(schema, process.environment.variables, process.environment.readFile);
}

/** The section `config` of a service's values, in an environment. */
function givenConfig(values: JsonObject, service: ServiceName): JsonObject {
  return ((values[service] as JsonObject | undefined)?.config ?? {}) as JsonObject;
}

if (requirePart("helm", hasHelm())) {
  describe("the environment of a pod is what the service's configuration asks for", () => {
    let copy: ChartsCopy;
    before(async () => {
      copy = await ChartsCopy.make();
    });
    after(() => copy[Symbol.dispose]());

    for (const { name, values } of environmentValues) {
      describe(`in ${name}`, () => {
        let found: Process[];
        before(async () => {
          found = processes((await renderEnvironment(copy, name)).objects);
        });
        environmentTests(() => found, values);
      });
    }

    for (const { name } of services) {
      it(`${name}: whatever is set in the section config arrives, whole and with its type`, async () => {
        const config = otherValues(chartNamed(name).values.properties.config as TObject);
        const { objects } = await renderEnvironment(copy, "dev", { [name]: { config } });
        const found = processes(objects).filter((process) => process.service.name === name && !isMigrator(process));
        assert.ok(found.length > 0);
        for (const process of found) assert.partialDeepStrictEqual(configOf(process), config);
      });
    }

    for (const boundSeconds of [1, 300]) {
      it(`a drain of ${boundSeconds} s arrives, and so does the wait for another migrator`, async () => {
        const drain = { boundSeconds, gracePeriodSeconds: 600 };
        const transactions = { drain, migrations: { lockWaitSeconds: boundSeconds } };
        const { objects } = await renderEnvironment(copy, "dev", { transactions });
        for (const process of processes(objects).filter(({ service }) => service.name === "transactions")) {
          const variable = isMigrator(process) ? "MIGRATION_LOCK_WAIT_MS" : "SHUTDOWN_BOUND_MS";
          assert.equal(configOf(process)[variable], boundSeconds * 1000);
        }
      });
    }
  });
}

for (const { name, config } of services) {
  it(`each variable of ${name} is a value, a secret or the chart's own`, () => {
    const settable = Object.keys((chartNamed(name).values.properties.config as TObject).properties);
    const isSecret = (variable: string) => (config.properties[variable] as { secret?: boolean }).secret === true;
    const rest = Object.keys(config.properties).filter((one) => !settable.includes(one) && !isSecret(one));
    const owned = [...OWN_OF_CHART, ...LEFT_ALONE];
    assert.deepEqual(
      rest.filter((variable) => !owned.includes(variable)),
      [],
    );
    assert.deepEqual(
      settable.filter((variable) => !Object.hasOwn(config.properties, variable)),
      [],
    );
  });
}

function environmentTests(found: () => Process[], values: JsonObject): void {
  it("starts every process: nothing that it needs is missing, nothing is out of its bounds", () => {
    assert.ok(found().some(isMigrator) && found().some((process) => !isMigrator(process)));
    for (const process of found()) assert.doesNotThrow(() => configOf(process), process.pod.owner);
  });

  it("has no variable that the service does not know", () => {
    for (const process of found()) {
      const { properties } = process.service.config;
      const known = new Set([...Object.keys(properties), ...Object.keys(migratorConfig.properties), ...NODES_OWN]);
      const unknown = Object.keys(process.environment.variables).filter(
        (variable) => !known.has(variable.replace(/_FILE$/, "")),
      );
      assert.deepEqual(unknown, [], process.pod.owner);
    }
  });

  it("sets what the environment's values set", () => {
    for (const process of found().filter((one) => !isMigrator(one))) {
      assert.partialDeepStrictEqual(configOf(process), givenConfig(values, process.service.name));
    }
  });

  it("has the ports, roles and times of the pod", () => {
    for (const process of found().filter((one) => !isMigrator(one))) assertOwnVariables(process);
  });

  it("gives the credentials of the schema's owner to the migrator alone", () => {
    for (const process of found()) {
      const { variables, readFile } = process.environment;
      const file = "/etc/kassa/secrets/MIGRATION_DATABASE_URL";
      assert.equal("MIGRATION_DATABASE_URL_FILE" in variables, isMigrator(process), process.pod.owner);
      if (!isMigrator(process)) assert.throws(() => readFile(file), /nothing is mounted/);
    }
  });
}

/** Variables that follow from the Deployment, held against it. */
const OWN_OF_CHART = [
  "HTTP_PORT",
  "PROBE_PORT",
  "ROLES",
  "SHUTDOWN_PAUSE_MS",
  "SHUTDOWN_BOUND_MS",
  "DATABASE_MIGRATE",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
];

function assertOwnVariables(process: Process): void {
  const { service, role, pod, container } = process;
  const config = configOf(process);
  const ports = new Map(container.ports?.map(({ name, containerPort }) => [name, containerPort]));
  assert.equal(config.PROBE_PORT, ports.get("probes"));
  if (ports.has("http")) assert.equal(config.HTTP_PORT, ports.get("http"));
  assert.deepEqual(config.ROLES, "ROLES" in service.config.properties ? [role] : undefined);
  if (service.hasMigrations) assert.equal(config.DATABASE_MIGRATE, false);
  assert.ok((config.SHUTDOWN_PAUSE_MS as number) < (config.SHUTDOWN_BOUND_MS as number));
  const graceMs = 1000 * (pod.spec.terminationGracePeriodSeconds ?? 0);
  assert.ok((config.SHUTDOWN_BOUND_MS as number) < graceMs, `${config.SHUTDOWN_BOUND_MS} of ${graceMs} ms`);
  const collector = pod.spec.initContainers?.find(({ name }) => name === "otel-collector");
  const otlp = collector?.ports?.find(({ name }) => name === "otlp");
  assert.equal(config.OTEL_EXPORTER_OTLP_ENDPOINT, otlp && `http://127.0.0.1:${otlp.containerPort}`);
}
