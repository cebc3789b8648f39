import Type, { type Static } from "typebox";
import { Value } from "typebox/value";

/** The variables of an HTTP server; a service spreads them into the schema of its configuration. */
export const httpSettings = {
  HTTP_HOST: Type.String({ default: "0.0.0.0", description: "address the API listens on" }),
  HTTP_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 8080,
    description: "port of the API; 0: any free one",
  }),
  HTTP_BODY_LIMIT_BYTES: Type.Integer({
    minimum: 1024,
    maximum: 16_777_216,
    default: 65_536,
    description: "the largest body of a request, unless its route says otherwise",
  }),
  HTTP_DEADLINE_MS: Type.Integer({
    minimum: 10,
    maximum: 60_000,
    default: 10_000,
    description: "time a request may take",
  }),
  HTTP_WAIT_DEADLINE_MS: Type.Integer({
    minimum: 10,
    maximum: 120_000,
    default: 35_000,
    description: "time a request with Prefer: wait may take",
  }),
  HTTP_MAX_IN_FLIGHT: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 4096,
    description: "requests at work at once; beyond it 503",
  }),
  HTTP_MERCHANT_RATE_PER_S: Type.Integer({
    minimum: 0,
    default: 50_000,
    description: "requests of one merchant a second and pod; beyond it 429; 0: no limit",
  }),
  HTTP_ADDRESS_RATE_PER_S: Type.Integer({
    minimum: 0,
    default: 1000,
    description: "public requests of one address a second and pod; beyond it 429; 0: no limit",
  }),
  HTTP_FAILED_AUTH_PER_MINUTE: Type.Integer({
    minimum: 0,
    default: 300,
    description: "requests of one address a minute that may fail to authenticate; beyond it 429; 0: no limit",
  }),
  HTTP_TRUSTED_PROXIES: Type.Integer({
    minimum: 0,
    maximum: 10,
    default: 0,
    description: "proxies in front whose X-Forwarded-For is believed",
  }),
  HTTP_KEEP_ALIVE_MS: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    default: 65_000,
    description: "how long an idle connection is kept: longer than the load balancer keeps it",
  }),
};

const schema = Type.Object(httpSettings);

export type HttpConfig = Static<typeof schema>;

/** The whole configuration from a part of it: what is missing takes its default. */
export function completeHttpConfig(part: Partial<HttpConfig>): HttpConfig {
  return Value.Default(schema, { ...part }) as HttpConfig;
}
