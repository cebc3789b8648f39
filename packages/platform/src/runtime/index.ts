export { type Component, drainPhases } from "./component.ts";
export { run } from "./run.ts";
export { defineService, type RunningService, type Service, type ServiceContext } from "./service.ts";
export { runtimeSettings, serviceConfigSchema } from "./settings.ts";
export { type StartOptions, startService } from "./start-service.ts";
export { type Need, NotReached } from "./wait-until-reached.ts";
