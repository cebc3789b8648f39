import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { services } from "@kassa/cdk8s/services";
import type { Route } from "@kassa/contracts/route";
import type { KubeObject } from "@kassa/helm-emitter";
import { ofKind, synthesizeEnvironment } from "./synthesized.ts";

const HOST = "payments.example.test";
const KEYS = { "2026-11": publicKey("MIIBIjANBgkq"), "2026/12 ключ": publicKey("MIICIjANBgkq") };

function publicKey(content: string): string {
  return `-----BEGIN PUBLIC KEY-----\n${content}\n-----END PUBLIC KEY-----\n`;
}

/** Production behind Kong, with every plugin, and the Gateway API beside it. */
const objects = synthesizeEnvironment("prod", {
  transactions: {
    ingress: { enabled: true, className: "kong", hosts: [HOST] },
    gateway: { enabled: true, parentRefs: [{ name: "gateway" }] },
    kong: {
      enabled: true,
      cors: { origins: ["https://shop.example.test"] },
      openTelemetry: { endpoint: "http://collector.example.test:4318/v1/traces" },
      jwt: { keys: KEYS },
    },
  },
});

type Path = { readonly path: string; readonly backend: { readonly service: { readonly name: string } } };
type Ingress = {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly rules: readonly { readonly host: string; readonly http: { readonly paths: readonly Path[] } }[];
  };
};
type HttpRoute = {
  readonly spec: {
    readonly rules: readonly { readonly matches: readonly { readonly path: { readonly value: string } }[] }[];
  };
};
type Plugin = { readonly plugin: string };
type Labels = { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
type Consumer = { readonly username: string; readonly credentials: readonly string[] };
type Credential = Labels & { readonly stringData: Readonly<Record<string, string>> };

const routes: readonly Route[] = services.flatMap((service) => service.routes);
const outside = routes.filter(({ auth }) => auth !== "internal");
const ingresses = ofKind<Ingress>(objects, "Ingress");
const paths = ingresses.flatMap((ingress) =>
  ingress.spec.rules.flatMap(({ host, http }) => http.paths.map((path) => ({ ...path, host, ingress }))),
);

/** What a controller does with `pathType: Prefix`: whole segments, the longest wins. */
function waysTo({ path }: Route) {
  const matching = paths.filter((one) => covers(one.path, path));
  const longest = Math.max(...matching.map((one) => one.path.length));
  return matching.filter((one) => one.path.length === longest);
}

function covers(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function pluginsOf({ metadata }: Ingress): string[] {
  const names = metadata.annotations["konghq.com/plugins"]?.split(",") ?? [];
  return names.map((name) => {
    const found = ofKind<Plugin>(objects, "KongPlugin").find((one) => one.metadata.name === name);
    assert.ok(found, `there is no plugin "${name}"`);
    return found.plugin;
  });
}

const title = ({ method, path }: Route) => `${method} ${path}`;

describe("through the Ingress", () => {
  for (const route of outside) {
    it(`one path leads to ${title(route)}, at its service`, () => {
      const ways = waysTo(route);
      assert.equal(ways.length, 1, JSON.stringify(ways.map(({ path }) => path)));
      assert.equal(ways[0]?.host, HOST);
      assert.equal(ways[0]?.backend.service.name, `kassa-${route.service}`);
    });
  }

  for (const route of routes.filter(({ auth }) => auth === "internal")) {
    it(`no path leads to ${title(route)}, which is for our own services`, () => assert.deepEqual(waysTo(route), []));
  }

  it("every path leads to a route, and the routes behind one Ingress authenticate alike", () => {
    for (const ingress of ingresses) {
      const reached = outside.filter((route) => waysTo(route).some((way) => way.ingress === ingress));
      assert.equal(new Set(reached.map(({ auth }) => auth)).size, 1, ingress.metadata.name);
    }
    for (const { path } of paths)
      assert.ok(
        outside.some((route) => covers(path, route.path)),
        path,
      );
  });

  it("requests keep their path: routes begin with the version", () => {
    for (const { metadata } of ingresses) assert.equal(metadata.annotations["konghq.com/strip-path"], "false");
  });
});

describe("through the Gateway API", () => {
  it("the same paths lead to the same routes", () => {
    const matched = ofKind<HttpRoute>(objects, "HTTPRoute").flatMap(({ spec }) =>
      spec.rules.flatMap(({ matches }) => matches.map(({ path }) => path.value)),
    );
    assert.deepEqual(matched.sort(), paths.map(({ path }) => path).sort());
  });
});

describe("Kong's plugins", () => {
  it("on every way in: rate limit, correlation id, size of requests, metrics, traces", () => {
    const everywhere = ["rate-limiting", "correlation-id", "request-size-limiting", "prometheus", "opentelemetry"];
    for (const ingress of ingresses) {
      const found = pluginsOf(ingress);
      assert.deepEqual(
        everywhere.filter((plugin) => !found.includes(plugin)),
        [],
        ingress.metadata.name,
      );
    }
  });

  it("jwt: on no route that an API key, a signature or nobody opens", () => {
    for (const route of outside) {
      for (const { ingress } of waysTo(route)) assert.ok(!pluginsOf(ingress).includes("jwt"), title(route));
    }
  });

  it("jwt: a token's kid chooses its key, and its end is verified", () => {
    const [jwt] = ofKind<Plugin & { readonly config: KubeObject }>(objects, "KongPlugin").filter(
      ({ plugin }) => plugin === "jwt",
    );
    assert.deepEqual(jwt?.config, {
      key_claim_name: "kid",
      claims_to_verify: ["exp"],
      uri_param_names: [],
      run_on_preflight: false,
    });
  });

  it("cors: not on webhooks, which no browser sends", () => {
    const withCors = ingresses
      .filter((ingress) => pluginsOf(ingress).includes("cors"))
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(withCors, ["kassa-transactions-api-key"]);
  });

  it("each has a consumer with one credential for each published key", () => {
    const consumers = ofKind<Consumer>(objects, "KongConsumer");
    const credentials = ofKind<Credential>(objects, "Secret").filter(
      ({ metadata }) => metadata.labels["konghq.com/credential"] === "jwt",
    );
    assert.equal(consumers.length, Object.keys(KEYS).length);
    assert.equal(new Set(consumers.map(({ username }) => username)).size, consumers.length);
    const keys = consumers.map(({ credentials: [name, ...more] }) => {
      assert.deepEqual(more, []);
      const credential = credentials.find(({ metadata }) => metadata.name === name);
      assert.equal(credential?.stringData.algorithm, "RS256");
      return [credential?.stringData.key, credential?.stringData.rsa_public_key];
    });
    assert.deepEqual(Object.fromEntries(keys), KEYS);
    assert.equal(credentials.length, consumers.length);
  });

  it("none are there, and none are named, when Kong is switched off", () => {
    const without = synthesizeEnvironment("prod", { transactions: { kong: { enabled: false } } });
    const kinds = without.map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => kind.startsWith("Kong")),
      [],
    );
    assert.doesNotMatch(JSON.stringify(ofKind(without, "Ingress")), /konghq/);
  });
});
