import { apply, kubectl, output } from "./command.ts";
import { IMAGE_TAG } from "./installation.ts";

/** A pod of nobody's that knocks at ports: it has Node, and whatever labels a test gives it. */
export type ProbePod = {
  /** True when a TCP connection to host:port is made within three seconds. */
  reaches(host: string, port: number): Promise<boolean>;
  delete(): Promise<void>;
};

const KNOCK = `const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port), timeout: 3000 });
socket.on("connect", () => process.exit(0)).on("timeout", () => process.exit(3)).on("error", () => process.exit(4));`;

/** Starts it and waits until it runs; a NetworkPolicy covers a new pod a moment later. */
export async function startProbePod(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<ProbePod> {
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: name, ...labels } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "probe",
          image: `docker.io/kassa/fraud:${IMAGE_TAG}`,
          imagePullPolicy: "IfNotPresent",
          command: ["node", "--eval", "setInterval(() => {}, 1000)"],
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  });
  await kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--namespace", namespace, "--timeout=60s");
  return {
    async reaches(host, port) {
      const { code, stderr } = await output("kubectl", [
        "exec",
        name,
        "--namespace",
        namespace,
        "--",
        "node",
        "--eval",
        KNOCK,
        host,
        String(port),
      ]);
      if (code === 0) return true;
      if (/exit code (3|4)/.test(stderr)) return false;
      throw new Error(`the probe could not knock: ${stderr}`);
    },
    delete: async () =>
      void (await output("kubectl", ["delete", "pod", name, "--namespace", namespace, "--grace-period=0", "--force"])),
  };
}
