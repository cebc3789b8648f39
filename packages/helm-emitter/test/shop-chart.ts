import Type from "typebox";
import {
  add,
  and,
  append,
  block,
  capabilities,
  chart,
  checksum,
  choose,
  defaultTo,
  defineChart,
  each,
  eachObject,
  entry,
  eq,
  fileText,
  gt,
  implies,
  int,
  kubeObject,
  mappingTemplate,
  merge,
  merged,
  not,
  onlyIf,
  onlyWith,
  overwrite,
  printf,
  quote,
  release,
  set,
  spread,
  sum,
  text,
  textTemplate,
  trimSuffix,
  trunc,
  valuesRef,
  when,
  whenObjects,
  whenSet,
  yamlText,
} from "../src/index.ts";

const name = Type.String({ pattern: "^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$" });

export const shopValues = Type.Object({
  nameOverride: Type.Optional(Type.String({ ...name, description: "instead of the chart's name", examples: ["till"] })),
  image: Type.Object(
    {
      repository: Type.String({ default: "example.test/shop", pattern: "^[a-z0-9./-]+$", description: "without tag" }),
      tag: Type.Optional(
        Type.String({ pattern: "^[\\w.-]+$", description: "default: the chart's appVersion", examples: ["1.2.3"] }),
      ),
      digest: Type.Optional(Type.String({ pattern: "^sha256:[0-9a-f]{64}$", description: "wins over the tag" })),
      pullPolicy: Type.Enum(["IfNotPresent", "Always"], { default: "IfNotPresent", description: "when to pull" }),
    },
    { description: "the container image" },
  ),
  replicas: Type.Integer({ default: 2, minimum: 0, maximum: 50, description: "pods, unless autoscaling says" }),
  autoscaling: Type.Object({
    enabled: Type.Boolean({ default: false, description: "let an HPA choose" }),
    max: Type.Integer({ default: 10, minimum: 1, maximum: 100, description: "most pods" }),
  }),
  cacheBytes: Type.Integer({ default: 2_097_152, minimum: 0, description: "bytes of the cache" }),
  ratio: Type.Number({ default: 0.25, minimum: 0, maximum: 1, description: "share of traces kept" }),
  minAvailable: Type.Union([Type.Integer({ minimum: 0, maximum: 9 }), Type.String({ pattern: "^\\d+%$" })], {
    default: "50%",
    description: "pods that stay",
  }),
  logLevel: Type.Enum(["info", "debug", "off"], { default: "info", description: "how much is told" }),
  greeting: Type.String({ default: "hello", maxLength: 60, description: "any text" }),
  resources: Type.Object({}, { additionalProperties: true, default: {}, description: "of the container" }),
  nodeSelector: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "where pods may go" })),
  podAnnotations: Type.Record(Type.String(), Type.String(), { description: "added to pods" }),
  podLabels: Type.Record(Type.String(), Type.String(), { description: "added to pods" }),
  extraEnv: Type.Array(Type.Object({ name: Type.String({ pattern: "^[A-Z_]+$" }), value: Type.String() }), {
    description: "more environment",
  }),
  extraVolumes: Type.Array(Type.Object({ name, emptyDir: Type.Object({}) }), { description: "more volumes" }),
  hosts: Type.Array(Type.Object({ host: Type.String(), paths: Type.Array(Type.String(), { minItems: 1 }) }), {
    description: "of the ingress",
  }),
  tls: Type.Boolean({ default: false, description: "serve TLS" }),
  settings: Type.Record(Type.String({ pattern: "^[a-z.]+$" }), Type.Union([Type.String(), Type.Integer()]), {
    description: "keys of the settings file",
  }),
  queues: Type.Record(name, Type.Object({ size: Type.Integer({ minimum: 1, maximum: 99 }) }), {
    description: "a ConfigMap for each",
  }),
  grace: Type.Object({
    totalSeconds: Type.Integer({ default: 45, minimum: 1, maximum: 600, description: "until a pod is killed" }),
    drainSeconds: Type.Integer({ default: 30, minimum: 1, maximum: 600, description: "for requests in flight" }),
    flushSeconds: Type.Integer({ default: 5, minimum: 0, maximum: 600, description: "for telemetry" }),
  }),
});

const v = valuesRef(shopValues);

const fullname = textTemplate(
  "shop.fullname",
  "The name of everything in the release.",
  choose(
    eq(release.name, chart.name),
    release.name,
    trimSuffix(trunc(printf("%s-%s", release.name, defaultTo(v.nameOverride, chart.name)), 50), "-"),
  ),
);
const image = textTemplate(
  "shop.image",
  "A digest wins over a tag.",
  choose(
    v.image.digest,
    printf("%s@%s", v.image.repository, v.image.digest),
    printf("%s:%s", v.image.repository, defaultTo(v.image.tag, chart.appVersion)),
  ),
);
const selectorLabels = mappingTemplate("shop.selectorLabels", "What selects pods; never changes.", {
  "app.kubernetes.io/name": "shop",
  "app.kubernetes.io/instance": release.name,
});
const labels = mappingTemplate(
  "shop.labels",
  "Labels of every object.",
  merged(selectorLabels.include, {
    "app.kubernetes.io/version": chart.appVersion,
    "shop.test/autoscaled": when(v.autoscaling.enabled, "yes"),
  }),
);

/** As cdk8s would synthesise it with the default values. */
const deployment = {
  kind: "Deployment",
  apiVersion: "apps/v1",
  metadata: { labels: {}, name: "shop" },
  spec: {
    template: {
      metadata: { annotations: { "shop.test/plain": "0123" }, labels: {} },
      spec: {
        containers: [
          {
            securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
            env: [{ name: "LOG_LEVEL", value: "info" }],
            image: "x",
            name: "app",
            args: ["--template", "{{ .Literal }}", "yes", "a: b"],
            resources: {},
          },
        ],
        volumes: [],
        terminationGracePeriodSeconds: 45,
      },
    },
    selector: { matchLabels: {} },
    replicas: 2,
  },
};

const app = "spec.template.spec.containers[name=app]";

const deploymentFile = {
  path: "templates/deployment.yaml",
  comment: "The shop itself.",
  documents: [
    kubeObject(deployment, [
      set("metadata.name", fullname.include),
      merge("metadata.labels", labels.include),
      merge("spec.selector.matchLabels", selectorLabels.include),
      set("spec.replicas", v.replicas),
      onlyIf("spec.replicas", not(v.autoscaling.enabled)),
      merge("spec.template.metadata.labels", overwrite<Record<string, string>>(v.podLabels, labels.include)),
      add('spec.template.metadata.annotations["checksum/config"]', checksum("templates/configmap.yaml")),
      merge("spec.template.metadata.annotations", v.podAnnotations),
      add("spec.template.spec.nodeSelector", v.nodeSelector),
      onlyWith("spec.template.spec.nodeSelector", v.nodeSelector),
      append("spec.template.spec.volumes", spread(v.extraVolumes)),
      set("spec.template.spec.terminationGracePeriodSeconds", v.grace.totalSeconds),
      set(`${app}.image`, image.include),
      add(`${app}.imagePullPolicy`, v.image.pullPolicy),
      set(`${app}.env[name=LOG_LEVEL].value`, v.logLevel),
      append(
        `${app}.env`,
        { name: "CACHE_BYTES", value: quote(v.cacheBytes) },
        when(v.tls, { name: "TLS", value: "on" }),
        { name: "RATIO", value: quote(v.ratio) },
        spread(v.extraEnv),
      ),
      block(`${app}.resources`, v.resources),
    ]),
  ],
};

const configFile = {
  path: "templates/configmap.yaml",
  documents: [
    kubeObject({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: text`${fullname.include}-config`, labels: labels.include },
      data: {
        greeting: v.greeting,
        "static.txt": "first line\n  second {{ line }}\n",
        odd: "ends with spaces  \n\n",
        "notes.txt": text`cache: ${v.cacheBytes}\nratio: ${v.ratio}\n{${v.logLevel}}\n`,
        "dashboard.json": fileText("dashboards/shop.json"),
        "settings.yaml": yamlText({
          level: v.logLevel,
          greeting: v.greeting,
          tls: when(v.tls, { enabled: true, hosts: each(v.hosts, "host", (host) => host.host) }),
          settings: v.settings,
          limits: { cache: v.cacheBytes, queues: each(v.queues, "queue", (queue, key) => entry(key, queue.size)) },
        }),
      },
    }),
  ],
};

const ingressFile = {
  path: "templates/ingress.yaml",
  documents: [
    whenObjects(v.hosts, [
      kubeObject({
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: {
          name: fullname.include,
          annotations: { secure: when(v.tls, "true"), beta: whenSet(v.nodeSelector, "x") },
        },
        spec: {
          tls: when(v.tls, [
            { hosts: each(v.hosts, "host", (host) => host.host), secretName: text`${fullname.include}-tls` },
          ]),
          rules: each(v.hosts, "host", (host, index) => ({
            host: host.host,
            http: { paths: each(host.paths, "path", (path) => ({ path, weight: sum(index, 1) })) },
          })),
        },
      }),
    ]),
  ],
};

const queuesFile = {
  path: "templates/queues.yaml",
  documents: [
    eachObject(v.queues, "queue", (queue, key) => [
      kubeObject({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: text`${fullname.include}-queue-${key}` },
        data: { size: quote(queue.size), isLarge: when(gt(int(queue.size), 50), "yes", "no") },
      }),
    ]),
    kubeObject(
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PodMonitor",
        metadata: { name: fullname.include },
        spec: { selector: { matchLabels: selectorLabels.include }, minAvailable: v.minAvailable },
      },
      [onlyIf("", capabilities.apiVersions.has("monitoring.coreos.com/v1"))],
    ),
    kubeObject(
      {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: fullname.include },
        spec: { maxReplicas: v.autoscaling.max, budget: { minAvailable: v.minAvailable } },
      },
      [onlyIf("", and(v.autoscaling.enabled, gt(int(v.autoscaling.max), 1)))],
    ),
  ],
};

export const shop = defineChart({
  name: "shop",
  version: "1.2.3",
  appVersion: "2.0.0",
  description: "A chart that has one of everything.",
  values: shopValues,
  rules: [
    implies({ properties: { tls: { const: true } }, required: ["tls"] }, { properties: { hosts: { minItems: 1 } } }),
  ],
  checks: [
    {
      failsIf: gt(sum(v.grace.drainSeconds, v.grace.flushSeconds), int(v.grace.totalSeconds)),
      message: printf(
        "grace.totalSeconds (%d) must hold grace.drainSeconds (%d) and grace.flushSeconds (%d)",
        int(v.grace.totalSeconds),
        int(v.grace.drainSeconds),
        int(v.grace.flushSeconds),
      ),
    },
  ],
  templates: [fullname, image, selectorLabels, labels],
  files: [deploymentFile, configFile, ingressFile, queuesFile],
  assets: { "dashboards/shop.json": '{"title": "{{ pod }}", "rows": ["a: b", "#"]}\n' },
  notes: text`Thank you for ${chart.name}.\n${choose(v.tls, "It speaks TLS.\n", "")}`,
  generator: "a test",
});
