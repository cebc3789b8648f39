import { execFile } from "node:child_process";

export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

const OUTPUT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 300_000;

/** Runs a program to its end, at most five minutes; whatever it ends with. */
export function output(program: string, args: readonly string[], input?: string): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { maxBuffer: OUTPUT_BYTES, timeout: TIMEOUT_MS, encoding: "utf8" },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr: error !== null && stderr === "" ? error.message : stderr });
      },
    );
    // A program that ends before it has read all of it is no error of ours.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input ?? "");
  });
}

/** The same for one that must succeed. @throws Error with what it said when it fails */
export async function succeed(program: string, args: readonly string[], input?: string): Promise<Output> {
  const result = await output(program, args, input);
  if (result.code === 0) return result;
  throw new Error(
    `${program} ${args.join(" ")} ended with ${result.code}:\n${result.stderr}${result.stdout.slice(-2_000)}`,
  );
}

/** kubectl on the current kubeconfig; its standard output. @throws Error with what it said when it fails */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return (await succeed("kubectl", args)).stdout;
}

/** The same, read as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever Kubernetes answers
export async function kubectlJson(...args: readonly string[]): Promise<any> {
  return JSON.parse(await kubectl(...args, "--output", "json"));
}

/** `kubectl apply` of objects. */
export async function apply(...objects: readonly object[]): Promise<void> {
  await succeed(
    "kubectl",
    ["apply", "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
  );
}

/** helm; both its outputs. @throws Error with what it said when it fails */
export async function helm(...args: readonly string[]): Promise<Output> {
  return succeed("helm", args);
}
