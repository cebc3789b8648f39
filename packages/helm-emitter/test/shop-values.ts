import Type from "typebox";

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
