import {
  add,
  append,
  checksum,
  type Expr,
  each,
  merge,
  merged,
  mul,
  type NamedTemplate,
  type Overlay,
  onlyIf,
  onlyWith,
  or,
  overwrite,
  set,
  spread,
  ternary,
  text,
  toText,
} from "@kassa/helm-emitter";
import type { RoleModel } from "../service-model.ts";
import { MIGRATION_URL } from "../values/config-values.ts";
import { isFixed } from "./replicas.ts";
import { secretSource, secretSources } from "./secret-files.ts";

const POD = "spec.template.spec";
const APP = `${POD}.containers[name=app]`;
const MIGRATE = `${POD}.initContainers[name=migrate]`;
const COLLECTOR = `${POD}.initContainers[name=otel-collector]`;
const AGENT = `${POD}.initContainers[name=prometheus-agent]`;

type Lists = Expr<readonly unknown[]>;

/** All that values decide of a role's Deployment. */
export function deploymentOverlays(model: RoleModel): Overlay[] {
  return [
    onlyIf("", model.r.enabled),
    ...metadata(model),
    ...scaling(model),
    ...scheduling(model),
    ...application(model),
    ...(model.definition.hasMigrations ? migration(model) : []),
    ...collector(model),
    ...agent(model),
    ...volumes(model),
  ];
}

function metadata({ naming, suffix, v, r }: RoleModel): Overlay[] {
  const annotations = "spec.template.metadata.annotations";
  return [
    set("metadata.name", text`${naming.fullname}${suffix}`),
    merge("metadata.labels", naming.labels.include),
    add("metadata.annotations", merged(v.commonAnnotations as Expr)),
    merge("spec.selector.matchLabels", naming.selectorLabels.include),
    merge("spec.template.metadata.labels", naming.labelsWith(r.podLabels as Expr)),
    merge(annotations, {
      "checksum/config": checksum("templates/config-map.yaml"),
      "checksum/sidecars": checksum("templates/sidecar-config.yaml"),
      "checksum/secret": checksum("templates/secret.yaml"),
    }),
    merge(annotations, overwrite(v.commonAnnotations as Expr, r.podAnnotations as Expr)),
  ];
}

/** Whoever scales owns the number of pods; named here too, each upgrade would put it back. */
function scaling({ role, r, v }: RoleModel): Overlay[] {
  return [
    set("spec.replicas", r.replicas),
    ...(role.autoscaling === undefined ? [] : [onlyIf("spec.replicas", isFixed(r, v))]),
    set("spec.strategy.rollingUpdate.maxSurge", r.strategy.maxSurge),
    set("spec.strategy.rollingUpdate.maxUnavailable", r.strategy.maxUnavailable),
  ];
}

function scheduling({ naming, serviceAccountName, role, v, r }: RoleModel): Overlay[] {
  const spreadOver = (topologyKey: string) => ({
    maxSkew: r.topologySpread.maxSkew,
    topologyKey,
    whenUnsatisfiable: ternary(r.topologySpread.required as Expr<boolean>, "DoNotSchedule", "ScheduleAnyway"),
    labelSelector: {
      matchLabels: merged(naming.selectorLabels.include, { "app.kubernetes.io/component": role.name }),
    },
  });
  const optional = {
    imagePullSecrets: v.imagePullSecrets,
    nodeSelector: r.nodeSelector,
    affinity: r.affinity,
    tolerations: r.tolerations,
    priorityClassName: r.priorityClassName,
  } as const;
  return [
    set(`${POD}.serviceAccountName`, serviceAccountName.include),
    set(`${POD}.terminationGracePeriodSeconds`, v.drain.gracePeriodSeconds),
    add(`${POD}.securityContext`, v.podSecurityContext as Expr),
    ...Object.entries(optional).flatMap(([key, value]) => [
      add(
        `${POD}.${key}`,
        key === "imagePullSecrets"
          ? each(value as Expr<readonly string[]>, "name", (name) => ({ name }))
          : (value as Expr),
      ),
      onlyWith(`${POD}.${key}`, value as Expr),
    ]),
    add(`${POD}.topologySpreadConstraints`, ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(spreadOver)),
    onlyIf(`${POD}.topologySpreadConstraints`, r.topologySpread.enabled as Expr<boolean>),
  ];
}

function application(model: RoleModel): Overlay[] {
  const { images, v, r } = model;
  const { startup, liveness, readiness } = r.probes;
  return [
    ...container(APP, images.app, v, r.resources, model),
    set(`${APP}.env[name=NODE_OPTIONS].value`, text`--max-old-space-size-percentage=${r.heapPercent}`),
    append(`${APP}.env`, spread(r.extraEnv as Lists)),
    append(`${APP}.volumeMounts`, spread(r.extraVolumeMounts as Lists)),
    merge(`${APP}.startupProbe`, { periodSeconds: startup.periodSeconds, failureThreshold: startup.failureThreshold }),
    merge(`${APP}.livenessProbe`, {
      periodSeconds: liveness.periodSeconds,
      timeoutSeconds: liveness.timeoutSeconds,
      failureThreshold: liveness.failureThreshold,
    }),
    merge(`${APP}.readinessProbe`, {
      periodSeconds: readiness.periodSeconds,
      timeoutSeconds: readiness.timeoutSeconds,
      failureThreshold: readiness.failureThreshold,
    }),
    // Endpoints forget a pod a little after it was told to end; until then it goes on as if nothing had happened.
    add(`${APP}.lifecycle`, { preStop: { sleep: { seconds: v.drain.preStopSeconds } } }),
    onlyIf(`${APP}.lifecycle`, v.drain.preStopSeconds),
  ];
}

/** What every container of the pod takes from values: its image and when to pull it, what it may use, what it may do. */
function container(
  path: string,
  image: NamedTemplate<string>,
  section: { readonly image: { readonly pullPolicy: unknown } },
  resources: unknown,
  { v }: RoleModel,
): Overlay[] {
  return [
    set(`${path}.image`, image.include as Expr<string>),
    set(`${path}.imagePullPolicy`, section.image.pullPolicy as Expr<string>),
    add(`${path}.resources`, resources as Expr),
    add(`${path}.securityContext`, v.securityContext as Expr),
  ];
}

function migration(model: RoleModel): Overlay[] {
  const { images, v, r } = model;
  const { migrations } = v as unknown as {
    readonly migrations: { enabled: Expr<boolean>; runtimeRole: Expr<string>; lockWaitSeconds: Expr<number> };
  };
  return [
    ...container(MIGRATE, images.app, v, r.resources, model),
    onlyIf(MIGRATE, migrations.enabled),
    set(`${MIGRATE}.env[name=MIGRATION_LOCK_WAIT_MS].value`, toText(mul(migrations.lockWaitSeconds, 1000))),
    set(`${MIGRATE}.env[name=MIGRATION_RUNTIME_ROLE].value`, migrations.runtimeRole),
  ];
}

function collector(model: RoleModel): Overlay[] {
  const { images, v } = model;
  const { otel } = v.sidecars;
  return [
    ...container(COLLECTOR, images.otel, otel, otel.resources, model),
    onlyIf(COLLECTOR, otel.enabled as Expr<boolean>),
  ];
}

function agent(model: RoleModel): Overlay[] {
  const { images, v, role } = model;
  const { prometheus } = v.sidecars;
  return [
    ...container(AGENT, images.prometheus, prometheus, prometheus.resources, model),
    set(`${AGENT}.env[name=POD_ROLE].value`, role.name),
    onlyIf(AGENT, prometheus.enabled as Expr<boolean>),
  ];
}

function volumes({ definition, naming, secretName, v, r }: RoleModel): Overlay[] {
  const { otel, prometheus } = v.sidecars;
  const migrating = definition.hasMigrations
    ? [add(`${POD}.volumes[name=migration-secrets].projected.sources`, [secretSource(MIGRATION_URL, v, secretName)])]
    : [];
  return [
    add(`${POD}.volumes[name=secrets].projected.sources`, secretSources(definition, v, secretName)),
    ...migrating,
    set(`${POD}.volumes[name=sidecar-config].configMap.name`, text`${naming.fullname}-sidecars`),
    onlyIf(
      `${POD}.volumes[name=sidecar-config]`,
      or(otel.enabled as Expr<boolean>, prometheus.enabled as Expr<boolean>),
    ),
    set(`${POD}.volumes[name=prometheus-wal].emptyDir.sizeLimit`, prometheus.walSize),
    onlyIf(`${POD}.volumes[name=prometheus-wal]`, prometheus.enabled as Expr<boolean>),
    append(`${POD}.volumes`, spread(r.extraVolumes as Lists)),
    set(`${APP}.envFrom[0].configMapRef.name`, naming.fullname),
    ...(definition.hasMigrations ? [set(`${MIGRATE}.envFrom[0].configMapRef.name`, naming.fullname)] : []),
  ];
}
