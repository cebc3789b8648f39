import Type, { type TObject, type TProperties } from "typebox";
import { logSettings } from "../log/index.ts";
import { telemetrySettings } from "../telemetry/index.ts";

/** The variables that every service has beside its own. */
export const runtimeSettings = {
  ...logSettings,
  ...telemetrySettings,
  PROBE_HOST: Type.String({
    minLength: 1,
    default: "0.0.0.0",
    description: "address of probes and metrics; a kubelet and Prometheus come from outside the pod",
  }),
  PROBE_PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 9090,
    description: "port of probes and metrics; 0: any free one",
  }),
  START_WAIT_MS: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    default: 60_000,
    description: "ms to wait at start for each thing that is needed and away, such as the database; 0: not at all",
  }),
  SHUTDOWN_PAUSE_MS: Type.Integer({
    minimum: 0,
    maximum: 60_000,
    default: 0,
    description: "between unready and refusing connections: as long as endpoints take to forget a pod",
  }),
  SHUTDOWN_BOUND_MS: Type.Integer({
    minimum: 100,
    maximum: 300_000,
    default: 25_000,
    description: "time a drain may take; below the pod's grace period",
  }),
};

/** The whole schema of a service's environment: its own variables, those of the runtime, and ROLES when it has roles. The chart reads it too. */
export function serviceConfigSchema(service: {
  readonly config: TObject;
  readonly roles?: readonly string[];
}): TObject {
  const { roles = [] } = service;
  const own = service.config.properties as TProperties;
  if (roles.length === 0) return Type.Object({ ...runtimeSettings, ...own });
  const ROLES = Type.Array(Type.Enum([...roles]), {
    default: [...roles],
    description: "the roles of this process, separated by commas",
  });
  return Type.Object({ ...runtimeSettings, ROLES, ...own });
}
