import {
  add,
  and,
  type Content,
  type Document,
  type Expr,
  kubeObject,
  not,
  onlyIf,
  printf,
  ternary,
  when,
} from "@kassa/helm-emitter";
import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { type RouteGroup, takesAccessTokens } from "../routes/route-groups.ts";
import type { OutsideModel } from "./ingress.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

type Plugin = {
  /** Of the object, behind the full name, and what annotations list. */
  readonly name: string;
  /** Kong's name of the plugin. */
  readonly plugin: string;
  /** Which groups of routes it is for. */
  readonly isFor: (group: RouteGroup) => boolean;
  /** Beside `kong.enabled`. */
  readonly condition?: Expr;
  readonly config: Content;
};

const all = () => true;

/** Kong's plugins on our routes, the first of which is always there. Whatever Kong does, the services authenticate, validate and limit for themselves all the same. */
function plugins(model: OutsideModel): Plugin[] {
  return [...limits(model), ...access(model), ...observation(model)];
}

function limits({ o: { kong } }: OutsideModel): Plugin[] {
  const redis = { host: kong.rateLimit.redis.host, port: kong.rateLimit.redis.port };
  return [
    {
      name: "rate-limit",
      plugin: "rate-limiting",
      isFor: all,
      config: {
        second: kong.rateLimit.perSecond,
        // Callers without a consumer, which are all that come with an API key, are told apart by their key.
        limit_by: "header",
        header_name: "authorization",
        policy: kong.rateLimit.policy,
        fault_tolerant: true,
        redis: when(kong.rateLimit.redis.host as Expr, redis),
      },
    },
    {
      name: "request-size",
      plugin: "request-size-limiting",
      isFor: all,
      config: { allowed_payload_size: kong.requestSizeMiB, size_unit: "megabytes", require_content_length: false },
    },
  ];
}

function access({ o: { kong }, definition }: OutsideModel): Plugin[] {
  return [
    {
      name: "jwt",
      plugin: "jwt",
      isFor: takesAccessTokens,
      condition: kong.jwt.keys as Expr,
      config: {
        // The token's header names its key; Kong looks there when the payload has no such claim.
        key_claim_name: "kid",
        claims_to_verify: ["exp"],
        // A token in a URL ends in logs.
        uri_param_names: [],
        run_on_preflight: false,
      },
    },
    {
      name: "cors",
      plugin: "cors",
      isFor: ({ auth }) => auth !== "signature",
      condition: kong.cors.origins as Expr,
      config: {
        origins: kong.cors.origins,
        methods: [...new Set(definition.routes.map(({ method }) => method))].sort(),
        headers: ["Authorization", "Content-Type", "Idempotency-Key", "Prefer"],
        exposed_headers: ["Location", "Idempotent-Replayed", "Preference-Applied", "Retry-After", "X-Request-Id"],
        max_age: 600,
      },
    },
  ];
}

function observation({ o: { kong } }: OutsideModel): Plugin[] {
  return [
    {
      name: "correlation-id",
      plugin: "correlation-id",
      isFor: all,
      config: { header_name: kong.correlationIdHeader, generator: "uuid", echo_downstream: true },
    },
    {
      name: "prometheus",
      plugin: "prometheus",
      isFor: all,
      condition: kong.prometheus as Expr,
      config: { status_code_metrics: true, latency_metrics: true, per_consumer: false },
    },
    {
      name: "opentelemetry",
      plugin: "opentelemetry",
      isFor: all,
      condition: kong.openTelemetry.endpoint as Expr,
      config: {
        traces_endpoint: kong.openTelemetry.endpoint,
        propagation: { default_format: "w3c", extract: ["w3c"], inject: ["w3c"] },
      },
    },
  ];
}

/** A KongPlugin for each. */
export function kongPlugins(scope: Construct, model: OutsideModel): Document[] {
  return plugins(model).map(({ name, plugin, condition, config }) => {
    const base = new ApiObject(scope, `${name}-plugin`, {
      apiVersion: "configuration.konghq.com/v1",
      kind: "KongPlugin",
      metadata: { name },
      plugin,
    });
    const enabled = model.o.kong.enabled as Expr<boolean>;
    return kubeObject(base.toJson(), [
      ...metadataOverlays(model, `-${name}`),
      add("config", config),
      onlyIf("", condition === undefined ? enabled : and(enabled as Expr, condition)),
    ]);
  });
}

/** The annotations of an Ingress for Kong: its plugins in the order of the table. */
export function kongAnnotations(model: OutsideModel, group: RouteGroup): Readonly<Record<string, Content>> {
  const names = plugins(model)
    .filter(({ isFor }) => isFor(group))
    .map(({ name, condition }, place) => {
      const full = printf(`${place === 0 ? "" : ","}%s-${name}`, model.naming.fullname);
      return condition === undefined ? full : ternary(not(condition), "", full);
    });
  return { "konghq.com/plugins": printf("%s".repeat(names.length), ...names), "konghq.com/strip-path": "false" };
}
