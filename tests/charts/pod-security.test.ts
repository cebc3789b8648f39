import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { restricted, restrictedFaults } from "./pod-security.ts";
import type { Container, PodSpec } from "./pod-spec.ts";

const app: Container = {
  name: "app",
  image: "example.test/till:1",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};
const pod: PodSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  containers: [app],
};

/** The pod with something else in its container's security context. */
function withContext(context: object): PodSpec {
  return { ...pod, containers: [{ ...app, securityContext: { ...app.securityContext, ...context } }] };
}

function withPodContext(context: object): PodSpec {
  return { ...pod, securityContext: { ...pod.securityContext, ...context } };
}

const admitted: Readonly<Record<string, PodSpec>> = {
  "nothing but what it asks": pod,
  "a container that binds to low ports": withContext({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
  "containers that say themselves what the pod does not": {
    containers: [
      {
        ...app,
        securityContext: { ...app.securityContext, runAsNonRoot: true, seccompProfile: { type: "Localhost" } },
      },
    ],
  },
  "a safe sysctl": withPodContext({ sysctls: [{ name: "net.ipv4.tcp_syncookies" }] }),
  "AppArmor's default": withContext({ appArmorProfile: { type: "RuntimeDefault" } }),
};

const refused: readonly (readonly [what: string, control: string, pod: PodSpec])[] = [
  ["a host process", "HostProcess", withPodContext({ windowsOptions: { hostProcess: true } })],
  ["the host's network", "Host Namespaces", { ...pod, hostNetwork: true }],
  ["a privileged container", "Privileged Containers", withContext({ privileged: true })],
  ["capabilities that are kept", "Capabilities", withContext({ capabilities: {} })],
  ["a capability that is added", "Capabilities", withContext({ capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } })],
  ["a folder of the host", "Volume Types", { ...pod, volumes: [{ name: "host", hostPath: { path: "/" } }] }],
  [
    "a port of the host",
    "Host Ports",
    { ...pod, containers: [{ ...app, ports: [{ containerPort: 80, hostPort: 80 }] }] },
  ],
  [
    "a probe of another host",
    "Host Probes / Lifecycle Hooks",
    { ...pod, containers: [{ ...app, livenessProbe: { httpGet: { path: "/", port: 80, host: "10.0.0.1" } } }] },
  ],
  ["no AppArmor", "AppArmor", withContext({ appArmorProfile: { type: "Unconfined" } })],
  ["an SELinux type of its own", "SELinux", withContext({ seLinuxOptions: { type: "spc_t" } })],
  ["an SELinux user", "SELinux", withPodContext({ seLinuxOptions: { user: "system_u" } })],
  ["an unmasked /proc", "/proc Mount Type", withContext({ procMount: "Unmasked" })],
  ["no seccomp", "Seccomp", { ...pod, securityContext: { runAsNonRoot: true } }],
  ["a container without seccomp", "Seccomp", withContext({ seccompProfile: { type: "Unconfined" } })],
  ["a sysctl of the kernel", "Sysctls", withPodContext({ sysctls: [{ name: "kernel.msgmax" }] })],
  ["escalation left open", "Privilege Escalation", withContext({ allowPrivilegeEscalation: undefined })],
  ["root not excluded", "Running as Non-root", { ...pod, securityContext: { seccompProfile: { type: "Localhost" } } }],
  ["a container that may be root", "Running as Non-root", withContext({ runAsNonRoot: false })],
  ["user 0", "Running as Non-root user", withContext({ runAsUser: 0 })],
];

describe("restrictedFaults", () => {
  for (const [what, spec] of Object.entries(admitted)) {
    it(`admits ${what}`, () => assert.deepEqual(restrictedFaults(spec), []));
  }

  for (const [what, control, spec] of refused) {
    it(`refuses ${what}: ${control}`, () => {
      const faults = restrictedFaults(spec);
      assert.deepEqual([...new Set(faults.map((fault) => fault.slice(0, fault.lastIndexOf(": "))))], [control]);
    });
  }

  it("looks at containers that run before the others and beside them", () => {
    const bare = { name: "bare", image: "example.test/bare:1" };
    for (const key of ["initContainers", "ephemeralContainers"] as const) {
      assert.deepEqual(restrictedFaults({ ...pod, [key]: [bare] }), [
        "Capabilities: bare",
        "Privilege Escalation: bare",
      ]);
    }
  });

  it("has a refusal for each control", () => {
    const seen = new Set(refused.map(([, control]) => control));
    assert.deepEqual(
      restricted.map(({ control }) => control).filter((control) => !seen.has(control)),
      [],
    );
  });
});
