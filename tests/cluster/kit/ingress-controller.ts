import { kubectl } from "./command.ts";

const NAMESPACE = "projectcontour";
const REQUESTS = [
  { workload: "daemonset/envoy", container: "envoy", requests: "cpu=250m,memory=64Mi" },
  { workload: "deployment/contour", container: "contour", requests: "cpu=50m,memory=64Mi" },
] as const;

/**
 * Gives Contour and its Envoy a share of the processor, which Contour's manifests do not ask for. A pod without a request has two
 * CPU shares beside the hundreds of every other: when a node is busy Envoy stands still for seconds, and what its timers then call
 * timeouts are requests that end in 503 or with no answer at all. Does nothing when they have it, or where Contour is not.
 */
export async function reserveForIngressController(): Promise<void> {
  for (const { workload, container, requests } of REQUESTS) {
    const found = await kubectl("get", workload, "--namespace", NAMESPACE, "--ignore-not-found", "--output", "name");
    if (found.trim() === "") continue;
    await kubectl(
      "set",
      "resources",
      workload,
      "--namespace",
      NAMESPACE,
      "--containers",
      container,
      "--requests",
      requests,
    );
    await kubectl("rollout", "status", workload, "--namespace", NAMESPACE, "--timeout", "120s");
  }
}
