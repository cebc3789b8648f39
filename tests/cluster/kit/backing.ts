import { kubectl } from "./command.ts";
import { NAMESPACE } from "./installation.ts";

/** Asks a server of kassa-backing through the API server's proxy, which works on every cluster. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever it answers
async function ask(server: "prometheus" | "jaeger", path: string): Promise<any> {
  const proxy = `/api/v1/namespaces/${NAMESPACE}/services/kassa-backing-${server}:http/proxy${path}`;
  return JSON.parse(await kubectl("get", "--raw", proxy));
}

export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: number };

/** PromQL, now. */
export async function query(promql: string): Promise<Sample[]> {
  const { data } = await ask("prometheus", `/api/v1/query?query=${encodeURIComponent(promql)}`);
  return data.result.map(({ metric, value }: { metric: Record<string, string>; value: [number, string] }) => ({
    metric,
    value: Number(value[1]),
  }));
}

export type Span = { readonly service: string; readonly operation: string; readonly pod: string | undefined };

/** The spans of each trace that a service took part in, newest first. */
export async function traces(service: string, limit = 20): Promise<readonly (readonly Span[])[]> {
  const { data } = await ask("jaeger", `/api/traces?service=${service}&limit=${limit}&lookback=1h`);
  return data.map((trace: JaegerTrace) =>
    trace.spans.map(({ operationName, processID }) => {
      const process = trace.processes[processID];
      const pod = process?.tags.find(({ key }) => key === "k8s.pod.name")?.value;
      return { service: process?.serviceName ?? "", operation: operationName, pod };
    }),
  );
}

type JaegerTrace = {
  readonly spans: readonly { readonly operationName: string; readonly processID: string }[];
  readonly processes: Readonly<
    Record<
      string,
      { readonly serviceName: string; readonly tags: readonly { readonly key: string; readonly value: string }[] }
    >
  >;
};
