import type { Route } from "@kassa/contracts/route";
import Type from "typebox";
import { flag, openList, section, text, textMap, whole } from "./kubernetes-types.ts";

const PUBLIC_KEY = "^-----BEGIN PUBLIC KEY-----\\n[A-Za-z0-9+/=\\n]+\\n-----END PUBLIC KEY-----\\n?$";
const PUBLIC_KEY_EXAMPLE = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\nAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n";

/** The way in, for services with routes for the outside world. */
export function ingressValues() {
  return section("an Ingress for each kind of authentication, from the route table", {
    enabled: flag(false, "make them"),
    className: text("kong", "the controller's IngressClass"),
    hosts: Type.Array(Type.String({ minLength: 1 }), { default: ["payments.example.com"], description: "host names" }),
    tlsSecret: text("", "a Secret with the certificate; empty: no TLS"),
    annotations: textMap("more annotations"),
  });
}

const MIB = 1024 * 1024;

/** Kong's plugins, for the class kong. */
export function kongValues(routes: readonly Route[]) {
  // Kong's bound is for all routes of a group: it must not be below that of any.
  const largestMiB = Math.ceil(Math.max(MIB, ...routes.map(({ bodyLimit = 0 }) => bodyLimit)) / MIB);
  return section("Kong's plugins on the Ingresses; needs the CRDs of the Kong ingress controller", {
    enabled: flag(false, "make KongPlugin objects and refer to them"),
    rateLimit: section("requests of one caller", {
      perSecond: whole(1_000, 1, 1_000_000, "requests a second"),
      policy: Type.Enum(["local", "redis"], {
        default: "local",
        description: "where they are counted: each Kong pod, or Redis",
      }),
      redis: section("for the policy redis", {
        host: text("", "host of Redis"),
        port: whole(6379, 1, 65_535, "its port"),
      }),
    }),
    requestSizeMiB: whole(
      largestMiB,
      1,
      64,
      "MiB of a request's body at most; the services have bounds of their own for each route",
    ),
    cors: section("browsers of other origins", {
      origins: Type.Array(Type.String(), { default: [], description: "origins that may call; empty: no plugin" }),
    }),
    correlationIdHeader: text("x-request-id", "header of the correlation id"),
    prometheus: flag(true, "Kong's own metrics of these routes"),
    openTelemetry: section("spans of Kong itself", {
      endpoint: text("", "OTLP/HTTP URL of a collector; empty: no plugin"),
    }),
    jwt: section("access tokens of signed-in users, on the Ingress of their routes alone", {
      keys: Type.Record(
        Type.String({ pattern: "^.+$" }),
        Type.String({ pattern: PUBLIC_KEY, examples: [PUBLIC_KEY_EXAMPLE] }),
        {
          additionalProperties: false,
          default: {},
          description:
            "PEM of the RS256 public key by its kid: a KongConsumer with a credential for each; in one chart of a cluster only, as Kong knows a kid once",
        },
      ),
    }),
  });
}

/** The Gateway API in place of an Ingress. */
export function gatewayValues() {
  return section("an HTTPRoute in place of the Ingress; needs the CRDs of the Gateway API", {
    enabled: flag(false, "make it"),
    parentRefs: openList("the Gateways it belongs to, e.g. [{name: kong, namespace: kong}]"),
    hostnames: Type.Array(Type.String({ minLength: 1 }), { default: [], description: "host names" }),
    canary: section("a part of the requests goes to another release of this chart", {
      service: text("", "name of the other release's Service; empty: none"),
      weight: whole(0, 0, 100, "percent of the requests that go there"),
    }),
  });
}
