import type { KubeObject } from "@kassa/helm-emitter";
import type { Container, PodSpec } from "./pod-spec.ts";

/** What a process in a container finds. */
export type ProcessEnvironment = {
  readonly variables: Readonly<Record<string, string>>;
  /** The text of a mounted file. @throws Error when there is none at that path */
  readonly readFile: (path: string) => string;
};

/** What stands in for the value of a key in a Secret that is made outside of the chart. */
export type Placeholder = (key: string) => string;

/**
 * The environment as the kubelet makes it from the objects: ConfigMaps, then single variables, and files of Secrets.
 * @throws Error for what would keep the container from starting: a ConfigMap that nobody makes, a key that a Secret lacks
 */
export function processEnvironment(
  objects: readonly KubeObject[],
  pod: PodSpec,
  { env = [], envFrom = [], volumeMounts = [] }: Container,
  placeholder: Placeholder,
): ProcessEnvironment {
  const shared = envFrom.flatMap(({ configMapRef }) => Object.entries(configMapData(objects, configMapRef?.name)));
  const own = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const files = new Map<string, string>();
  for (const { name, mountPath } of volumeMounts) {
    const sources = pod.volumes?.find((volume) => volume.name === name)?.projected?.sources ?? [];
    for (const { secret } of sources) {
      for (const { key, path } of secret?.items ?? [])
        files.set(`${mountPath}/${path}`, secretText(objects, secret?.name, key, placeholder));
    }
  }
  return {
    variables: Object.fromEntries([...shared, ...own]),
    readFile(path) {
      const text = files.get(path);
      if (text === undefined) throw new Error(`nothing is mounted at ${path}`);
      return text;
    },
  };
}

function configMapData(objects: readonly KubeObject[], name: string | undefined): Readonly<Record<string, string>> {
  const found = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name);
  if (found === undefined) throw new Error(`there is no ConfigMap ${name}`);
  return found.data as Readonly<Record<string, string>>;
}

/** A Secret that the chart does not make is made outside, with every key. */
function secretText(
  objects: readonly KubeObject[],
  name: string | undefined,
  key: string,
  placeholder: Placeholder,
): string {
  const found = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name);
  if (found === undefined) return placeholder(key);
  const text = (found.stringData as Readonly<Record<string, string>>)[key];
  if (text === undefined) throw new Error(`the Secret ${name} has no key ${key}`);
  return text;
}
