import { k8s } from "cdk8s-plus-28";
import type { Static } from "typebox";
import type { sidecarValues } from "../values/sidecar-values.ts";
import { AGENT_PORT, COLLECTOR_HEALTH_PORT, OTLP_PORT } from "./ports.ts";

export type SidecarValues = Static<ReturnType<typeof sidecarValues>>;

/** From the downward API. */
const podFields = {
  POD_NAMESPACE: "metadata.namespace",
  POD_NAME: "metadata.name",
  POD_UID: "metadata.uid",
  NODE_NAME: "spec.nodeName",
} as const;

function envOf(...names: readonly (keyof typeof podFields)[]): k8s.EnvVar[] {
  return names.map((name) => ({ name, valueFrom: { fieldRef: { fieldPath: podFields[name] } } }));
}

/** No readiness: telemetry that fails never makes a pod unready. A sidecar that cannot start is restarted alone after five minutes. */
function probes(path: string, portName: string) {
  const httpGet = { path, port: k8s.IntOrString.fromString(portName) };
  return {
    startupProbe: { httpGet, periodSeconds: 1, failureThreshold: 300 },
    livenessProbe: { httpGet, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

/** The collector as a native sidecar; what values decide is laid over it. */
export function collectorContainer(): k8s.Container {
  return {
    name: "otel-collector",
    image: "otel/opentelemetry-collector-contrib",
    imagePullPolicy: "IfNotPresent",
    restartPolicy: "Always",
    args: ["--config=/etc/otel-collector/collector.yaml"],
    env: envOf("POD_NAMESPACE", "POD_NAME", "POD_UID", "NODE_NAME"),
    ports: [
      { name: "otlp", containerPort: OTLP_PORT },
      { name: "otel-health", containerPort: COLLECTOR_HEALTH_PORT },
    ],
    ...probes("/", "otel-health"),
    volumeMounts: [{ name: "sidecar-config", mountPath: "/etc/otel-collector", readOnly: true }],
  };
}

/** The agent as a native sidecar. Its write-ahead log survives a restart of the container, not the pod's end. */
export function agentContainer(): k8s.Container {
  return {
    name: "prometheus-agent",
    image: "prom/prometheus",
    imagePullPolicy: "IfNotPresent",
    restartPolicy: "Always",
    args: [
      "--agent",
      "--config.file=/etc/prometheus-agent/agent.yaml",
      "--storage.agent.path=/prometheus",
      "--storage.agent.retention.max-time=4h",
      "--storage.remote.flush-deadline=5s",
      `--web.listen-address=:${AGENT_PORT}`,
      "--log.level=warn",
      "--log.format=json",
    ],
    env: [...envOf("POD_NAMESPACE", "POD_NAME"), { name: "POD_ROLE", value: "" }],
    ports: [{ name: "agent", containerPort: AGENT_PORT }],
    ...probes("/-/healthy", "agent"),
    volumeMounts: [
      { name: "sidecar-config", mountPath: "/etc/prometheus-agent", readOnly: true },
      { name: "prometheus-wal", mountPath: "/prometheus" },
    ],
  };
}
