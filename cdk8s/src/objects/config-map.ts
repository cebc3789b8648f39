import {
  type Content,
  choose,
  type Document,
  type Expr,
  hasKey,
  kubeObject,
  merge,
  mul,
  type Ref,
  release,
  text,
  toText,
  when,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { HTTP_PORT, OTLP_PORT, PROBE_PORT } from "../pods/ports.ts";
import { secretFileVariables } from "../pods/secret-files.ts";
import type { ServiceModel } from "../service-model.ts";
import { plainVariables, type Variable } from "../values/config-values.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** The environment that all roles share: each variable of the service's configuration schema that is no secret. */
export function configMap(scope: Construct, model: ServiceModel): Document {
  const { definition } = model;
  const base = new k8s.KubeConfigMap(scope, "config-map", {
    metadata: { name: definition.name },
    data: { HTTP_PORT: String(HTTP_PORT), PROBE_PORT: String(PROBE_PORT) },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model),
    merge("data", {
      SHUTDOWN_PAUSE_MS: toText(mul(model.v.drain.pauseSeconds as Expr<number>, 1000)),
      SHUTDOWN_BOUND_MS: toText(mul(model.v.drain.boundSeconds as Expr<number>, 1000)),
    }),
    ...(definition.hasMigrations ? [merge("data", { DATABASE_MIGRATE: "false" })] : []),
    merge("data", { OTEL_EXPORTER_OTLP_ENDPOINT: tracesEndpoint(model) }),
    merge(
      "data",
      Object.fromEntries(plainVariables(definition).map((variable) => [variable.name, variableValue(variable, model)])),
    ),
    merge("data", secretFileVariables(definition, model.v)),
  ]);
}

/** The sidecar, where there is one. */
function tracesEndpoint({ v }: ServiceModel): Content {
  return choose(
    v.sidecars.otel.enabled as Expr<boolean>,
    `http://127.0.0.1:${OTLP_PORT}`,
    v.otel.endpoint as Expr<string>,
  );
}

function variableValue({ name, isRequired }: Variable, { definition, v }: ServiceModel): Content {
  const config = v.config as unknown as Readonly<Record<string, Ref<unknown>>>;
  const value = config[name] as Expr<string>;
  const peer = definition.peers.find(({ variable }) => variable === name);
  if (peer !== undefined)
    return choose(value, value, text`http://${release.name}-${peer.service}:${HTTP_PORT}${peer.path ?? ""}`);
  return isRequired ? toText(value) : when(hasKey(v.config as Expr, name), toText(value));
}
