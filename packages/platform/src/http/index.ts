export {
  type Authenticator,
  type Authenticators,
  type AuthRequest,
  type BoundRoute,
  bindRoute,
  type HttpRequest,
  type HttpResponse,
  type InternalPrincipal,
  type MerchantPrincipal,
  type PrincipalOf,
  type ProviderPrincipal,
} from "./bound-route.ts";
export { createServer, type HttpServer, type HttpServerOptions } from "./create-server.ts";
export { type OpenApiDocument, type OpenApiOperation, openApiDocument } from "./openapi.ts";
export { createProbeServer, type HealthCheck, type ProbeServer, type ProbeServerOptions } from "./probe-server.ts";
export { type HttpConfig, httpSettings } from "./settings.ts";
export { compileValidator, type Validator } from "./validator.ts";
