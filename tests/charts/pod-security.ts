import { type Container, containersOf, type PodSpec, type SecurityContext } from "./pod-spec.ts";

type Rule = {
  /** As the standard names it. */
  readonly control: string;
  /** What breaks it, each as a few words; empty when nothing does. */
  readonly faults: (pod: PodSpec) => readonly string[];
};

/**
 * The Pod Security standard `restricted`, which holds `baseline` too, for pods of Linux.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (v1.34).
 */
export const restricted: readonly Rule[] = [
  {
    control: "HostProcess",
    faults: (pod) => contexts(pod, ({ windowsOptions }) => windowsOptions?.hostProcess !== true),
  },
  { control: "Host Namespaces", faults: hostNamespaces },
  { control: "Privileged Containers", faults: (pod) => contexts(pod, ({ privileged }) => privileged !== true) },
  { control: "Capabilities", faults: capabilities },
  { control: "Volume Types", faults: volumeTypes },
  {
    control: "Host Ports",
    faults: (pod) => containers(pod, ({ ports = [] }) => ports.every(({ hostPort }) => !hostPort)),
  },
  { control: "Host Probes / Lifecycle Hooks", faults: (pod) => containers(pod, hasNoHost) },
  {
    control: "AppArmor",
    faults: (pod) =>
      contexts(pod, ({ appArmorProfile: profile }) => profile === undefined || isConfining(profile.type)),
  },
  { control: "SELinux", faults: (pod) => contexts(pod, ({ seLinuxOptions }) => isHarmlessSeLinux(seLinuxOptions)) },
  {
    control: "/proc Mount Type",
    faults: (pod) => contexts(pod, ({ procMount = "Default" }) => procMount === "Default"),
  },
  { control: "Seccomp", faults: seccomp },
  { control: "Sysctls", faults: sysctls },
  {
    control: "Privilege Escalation",
    faults: (pod) => containers(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false),
  },
  { control: "Running as Non-root", faults: runAsNonRoot },
  { control: "Running as Non-root user", faults: (pod) => contexts(pod, ({ runAsUser }) => runAsUser !== 0) },
];

/** What breaks the standard, each as `control: words`; empty for a pod that the standard admits. */
export function restrictedFaults(pod: PodSpec): string[] {
  return restricted.flatMap(({ control, faults }) => faults(pod).map((fault) => `${control}: ${fault}`));
}

/** Names of the containers for which something does not hold. */
function containers(pod: PodSpec, holds: (container: Container) => boolean): string[] {
  return containersOf(pod)
    .filter((container) => !holds(container))
    .map(({ name }) => name);
}

/** The same for the security contexts of the pod and its containers. */
function contexts(pod: PodSpec, holds: (context: SecurityContext) => boolean): string[] {
  const ofPod = holds(pod.securityContext ?? {}) ? [] : ["the pod"];
  return [...ofPod, ...containers(pod, ({ securityContext }) => holds(securityContext ?? {}))];
}

function hostNamespaces(pod: PodSpec): string[] {
  return (["hostNetwork", "hostPID", "hostIPC"] as const).filter((key) => pod[key] === true);
}

function capabilities(pod: PodSpec): string[] {
  return containers(pod, ({ securityContext }) => {
    const { add = [], drop = [] } = securityContext?.capabilities ?? {};
    return drop.includes("ALL") && add.every((capability) => capability === "NET_BIND_SERVICE");
  });
}

const VOLUME_TYPES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

function volumeTypes({ volumes = [] }: PodSpec): string[] {
  return volumes.flatMap((volume) =>
    Object.keys(volume)
      .filter((key) => key !== "name" && !VOLUME_TYPES.includes(key))
      .map((type) => `${volume.name} is of the type ${type}`),
  );
}

function hasNoHost(container: Container): boolean {
  const { startupProbe, livenessProbe, readinessProbe, lifecycle } = container;
  const handlers = [startupProbe, livenessProbe, readinessProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.every((handler) => !handler?.httpGet?.host && !handler?.tcpSocket?.host);
}

function isConfining(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

const SE_LINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

function isHarmlessSeLinux({ type = "", user = "", role = "" }: SecurityContext["seLinuxOptions"] = {}): boolean {
  return SE_LINUX_TYPES.includes(type) && user === "" && role === "";
}

/** The pod's profile holds for containers that have none of their own. */
function seccomp(pod: PodSpec): string[] {
  const ofPod = pod.securityContext?.seccompProfile;
  const unconfinedPod = ofPod === undefined || isConfining(ofPod.type) ? [] : ["the pod"];
  const unconfined = containers(pod, ({ securityContext }) => {
    const profile = securityContext?.seccompProfile ?? ofPod;
    return profile !== undefined && isConfining(profile.type);
  });
  return [...unconfinedPod, ...unconfined];
}

/** As for seccomp: a container without a word of its own has the pod's. */
function runAsNonRoot(pod: PodSpec): string[] {
  const ofPod = pod.securityContext?.runAsNonRoot;
  const rootPod = ofPod === false ? ["the pod"] : [];
  return [...rootPod, ...containers(pod, ({ securityContext }) => (securityContext?.runAsNonRoot ?? ofPod) === true)];
}

const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
];

function sysctls({ securityContext }: PodSpec): string[] {
  return (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SYSCTLS.includes(name));
}
