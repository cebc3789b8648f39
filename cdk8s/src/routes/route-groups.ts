import type { Route, RouteAuth } from "@kassa/contracts/route";
import type { ServiceDefinition } from "../service-definition.ts";

/** Routes that one Ingress carries: they authenticate alike. */
export type RouteGroup = {
  /** Part of the Ingress's name. */
  readonly name: string;
  readonly auth: RouteAuth;
  /** Prefixes of paths, none within another. */
  readonly prefixes: readonly string[];
};

/** Who may come from outside; internal routes are for our own services alone. */
const outside: Readonly<Record<RouteAuth, string | undefined>> = {
  public: "public",
  api_key: "api-key",
  signature: "webhooks",
  internal: undefined,
};

/** Whose callers show an access token of ours, a JWT, which Kong may verify before us: signed-in people. So far nobody does. */
const accessTokens: Readonly<Record<RouteAuth, boolean>> = {
  public: false,
  // A merchant's key is no JWT: behind Kong's plugin every one would be refused.
  api_key: false,
  signature: false,
  internal: false,
};

export function takesAccessTokens({ auth }: RouteGroup): boolean {
  return accessTokens[auth];
}

export function outsideRoutes({ routes }: ServiceDefinition): readonly Route[] {
  return routes.filter(({ auth }) => outside[auth] !== undefined);
}

/** The groups of a service's outside routes. A webhook's prefix ends before its parameter, like every other. */
export function routeGroups(definition: ServiceDefinition): RouteGroup[] {
  const kinds = [...new Set(outsideRoutes(definition).map(({ auth }) => auth))].sort();
  return kinds.map((auth) => ({
    name: outside[auth] ?? auth,
    auth,
    prefixes: shortest(
      outsideRoutes(definition)
        .filter((route) => route.auth === auth)
        .map(({ path }) => prefixOf(path)),
    ),
  }));
}

/** `/v1/payments/{id}/capture` -> `/v1/payments` */
function prefixOf(path: string): string {
  const end = path.indexOf("/{");
  return end < 0 ? path : path.slice(0, end);
}

function shortest(prefixes: readonly string[]): string[] {
  const unique = [...new Set(prefixes)].sort();
  return unique.filter((prefix) => !unique.some((other) => other !== prefix && prefix.startsWith(`${other}/`)));
}
