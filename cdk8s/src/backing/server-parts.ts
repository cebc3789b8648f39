import type { Content, Expr } from "@kassa/helm-emitter";
import { type ImageRef, imageTemplate } from "../image.ts";
import type { BackingModel } from "./server.ts";

/** What all servers take from their section of the values. */
export function commonOf(
  { v }: BackingModel,
  name: "postgres" | "redis" | "kafka" | "prometheus" | "jaeger" | "grafana",
) {
  const section = v[name];
  return {
    name,
    enabled: section.enabled as Expr<boolean>,
    image: imageTemplate(`kassa-backing.${name}Image`, name, section.image as ImageRef),
    pullPolicy: section.image.pullPolicy as Expr<string>,
    resources: section.resources as Expr,
  };
}

/** A probe by an HTTP request. */
export const http = (path: string, port: string): Content => ({
  httpGet: { path, port },
  periodSeconds: 2,
  failureThreshold: 30,
});
/** A probe by a command. */
export const exec = (...command: string[]): Content => ({
  exec: { command },
  periodSeconds: 2,
  timeoutSeconds: 5,
  failureThreshold: 30,
});
