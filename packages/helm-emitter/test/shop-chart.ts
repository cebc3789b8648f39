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
import { shopValues } from "./shop-values.ts";

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
