import { kubernetesDefinitions, type Schema } from "./vendored-schemas.ts";

/**
 * Kong's kinds by hand: no package registry has their CRDs, and a KongPlugin's CRD leaves `config` open, of which a misspelt key only shows
 * when Kong refuses the plugin. Sources: the reference of custom resources at https://developer.konghq.com/kubernetes-ingress-controller/ and of
 * each plugin at https://developer.konghq.com/plugins/ (Kong 3.10).
 */
const API_VERSION = "configuration.konghq.com/v1";
const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

const bool: Schema = { type: "boolean" };
const string: Schema = { type: "string", minLength: 1 };
const url: Schema = { type: "string", pattern: "^https?://" };
const strings: Schema = { type: "array", items: string };
const count: Schema = { type: "integer", minimum: 1 };
const formats = ["w3c", "b3", "b3-single", "jaeger", "ot", "datadog", "aws", "gcp"];

function oneOf(...choices: readonly string[]): Schema {
  return { enum: choices };
}

/** A record with these fields and no others, of which some must be there. */
function record(properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema {
  return { type: "object", properties, required, additionalProperties: false };
}

/** A choice that another field goes with. */
function needs(field: string, choice: string, needed: string): Schema {
  return {
    anyOf: [{ not: { properties: { [field]: { const: choice } }, required: [field] } }, { required: [needed] }],
  };
}

const redis = record({
  host: string,
  port: { type: "integer", minimum: 0, maximum: 65_535 },
  timeout: count,
  username: string,
  password: string,
  database: { type: "integer", minimum: 0 },
  ssl: bool,
  ssl_verify: bool,
  server_name: string,
});

/** The field `config` of each plugin that the charts use. */
const configs: Readonly<Record<string, Schema>> = {
  "rate-limiting": {
    ...record({
      ...Object.fromEntries(["second", "minute", "hour", "day", "month", "year"].map((period) => [period, count])),
      limit_by: oneOf("consumer", "credential", "ip", "service", "header", "path", "consumer-group"),
      header_name: string,
      path: string,
      policy: oneOf("local", "cluster", "redis"),
      fault_tolerant: bool,
      hide_client_headers: bool,
      redis,
      error_code: count,
      error_message: string,
      sync_rate: { type: "number" },
    }),
    anyOf: ["second", "minute", "hour", "day", "month", "year"].map((period) => ({ required: [period] })),
    allOf: [needs("limit_by", "header", "header_name"), needs("policy", "redis", "redis")],
  },
  "correlation-id": record({
    header_name: string,
    generator: oneOf("uuid", "uuid#counter", "tracker"),
    echo_downstream: bool,
  }),
  "request-size-limiting": record({
    allowed_payload_size: { type: "integer" },
    size_unit: oneOf("bytes", "kilobytes", "megabytes"),
    require_content_length: bool,
  }),
  jwt: record({
    key_claim_name: string,
    claims_to_verify: { type: "array", items: oneOf("exp", "nbf") },
    uri_param_names: strings,
    cookie_names: strings,
    header_names: strings,
    secret_is_base64: bool,
    anonymous: string,
    run_on_preflight: bool,
    maximum_expiration: { type: "number", minimum: 0, maximum: 31_536_000 },
    realm: string,
  }),
  cors: record({
    origins: strings,
    headers: strings,
    exposed_headers: strings,
    methods: {
      type: "array",
      items: oneOf("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT"),
    },
    max_age: { type: "number" },
    credentials: bool,
    private_network: bool,
    preflight_continue: bool,
  }),
  prometheus: record({
    per_consumer: bool,
    status_code_metrics: bool,
    latency_metrics: bool,
    bandwidth_metrics: bool,
    upstream_health_metrics: bool,
    ai_metrics: bool,
  }),
  opentelemetry: record({
    traces_endpoint: url,
    logs_endpoint: url,
    headers: { type: "object", additionalProperties: string },
    resource_attributes: { type: "object", additionalProperties: string },
    connect_timeout: count,
    send_timeout: count,
    read_timeout: count,
    sampling_rate: { type: "number", minimum: 0, maximum: 1 },
    propagation: record(
      {
        default_format: { enum: formats },
        extract: { type: "array", items: { enum: formats } },
        clear: strings,
        inject: { type: "array", items: { enum: [...formats, "preserve"] } },
      },
      "default_format",
    ),
  }),
};

const metadata = { $ref: `#/$defs/${OBJECT_META}` };

/** Schemas of KongConsumer, and of KongPlugin by the plugin as `apiVersion KongPlugin <plugin>`. */
export function kongSchemas(): Readonly<Record<string, Schema>> {
  return { ...pluginSchemas(), [`${API_VERSION} KongConsumer`]: consumerSchema() };
}

function consumerSchema(): Schema {
  return {
    ...record(
      {
        apiVersion: { const: API_VERSION },
        kind: { const: "KongConsumer" },
        metadata,
        username: string,
        custom_id: string,
        credentials: strings,
        consumerGroups: strings,
      },
      "apiVersion",
      "kind",
      "metadata",
      "username",
    ),
    $defs: kubernetesDefinitions(),
  };
}

function pluginSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(configs).map(([plugin, config]) => [
      `${API_VERSION} KongPlugin ${plugin}`,
      {
        ...record(
          {
            apiVersion: { const: API_VERSION },
            kind: { const: "KongPlugin" },
            metadata,
            plugin: { const: plugin },
            config,
            disabled: bool,
            instance_name: string,
            protocols: { type: "array", items: oneOf("http", "https", "grpc", "grpcs", "tcp", "tls", "udp") },
          },
          "apiVersion",
          "kind",
          "metadata",
          "plugin",
        ),
        $defs: kubernetesDefinitions(),
      },
    ]),
  );
}
