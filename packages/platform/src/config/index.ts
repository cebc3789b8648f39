export { ConfigError, type ConfigFault } from "./config-error.ts";
export { type Env, loadConfig } from "./load-config.ts";
