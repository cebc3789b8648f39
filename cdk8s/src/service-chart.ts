import { type Document, defineChart, kubeObject, type TemplateFile } from "@kassa/helm-emitter";
import { App, Chart as Cdk8sChart } from "cdk8s";
import { podAutoscaler, scaledObject, scaledRole } from "./objects/autoscaler.ts";
import { configMap } from "./objects/config-map.ts";
import { disruptionBudget } from "./objects/disruption-budget.ts";
import { httpRoute } from "./objects/http-route.ts";
import { ingresses, type OutsideModel, type OutsideValues } from "./objects/ingress.ts";
import { kongCredentials } from "./objects/kong-credentials.ts";
import { kongPlugins } from "./objects/kong-plugins.ts";
import { networkPolicy } from "./objects/network-policy.ts";
import { podMonitor } from "./objects/pod-monitor.ts";
import { secret } from "./objects/secret.ts";
import { service } from "./objects/service.ts";
import { serviceAccount } from "./objects/service-account.ts";
import { sidecarConfig } from "./objects/sidecar-config.ts";
import { testPod } from "./objects/test-pod.ts";
import { deploymentOverlays } from "./pods/deployment-overlays.ts";
import { deploymentSkeleton } from "./pods/deployment-skeleton.ts";
import { release } from "./release.ts";
import { outsideRoutes } from "./routes/route-groups.ts";
import { serviceChecks } from "./service-checks.ts";
import { isSplit, type ServiceDefinition } from "./service-definition.ts";
import { type RoleModel, roleModel, type ServiceModel, serviceModel } from "./service-model.ts";

/** The chart of one service: every object that its definition asks for, by role. */
export function serviceChart(definition: ServiceDefinition) {
  const model = serviceModel(definition);
  const scope = new Cdk8sChart(new App(), definition.name);
  const file = (path: string, comment: string, ...documents: Document[]): TemplateFile => ({
    path: `templates/${path}.yaml`,
    comment,
    documents,
  });
  const roles = definition.roles.map((role) => roleModel(model, role));
  return defineChart({
    ...release,
    name: definition.name,
    description: `Kassa's ${definition.name}: ${definition.description}.`,
    values: model.schema,
    checks: serviceChecks(model, roles),
    templates: [
      ...model.naming.templates,
      model.serviceAccountName,
      model.images.app,
      model.images.otel,
      model.images.prometheus,
      model.secretName,
    ],
    files: [
      ...roles.flatMap((role) => roleFiles(scope, role, file)),
      file("config-map", "The environment that all roles share.", configMap(scope, model)),
      file("sidecar-config", "The configuration of the sidecars.", sidecarConfig(scope, model)),
      file("secret", "For development only: secrets from values.", secret(scope, model)),
      file("service-account", "The identity of the pods.", serviceAccount(scope, model)),
      file("network-policy", "Deny by default.", networkPolicy(scope, model)),
      file("pod-monitor", "Needs the Prometheus operator's CRDs.", podMonitor(scope, model)),
      ...outsideFiles(scope, model, file),
      file("tests/answers", "helm test", testPod(scope, model)),
    ],
    readme: { introduction: `${definition.description[0]?.toUpperCase()}${definition.description.slice(1)}.` },
  });
}

type FileOf = (path: string, comment: string, ...documents: Document[]) => TemplateFile;

function roleFiles(scope: Cdk8sChart, model: RoleModel, file: FileOf): TemplateFile[] {
  const { definition, role } = model;
  const folder = isSplit(definition) ? `${role.name}/` : "";
  const skeleton = deploymentSkeleton(scope, definition, role).toJson();
  const scaled = scaledRole(model);
  return [
    file(
      `${folder}deployment`,
      `Pods that ${role.name === "server" ? "serve" : `are ${role.name}`}: ${role.description}.`,
      kubeObject(skeleton, deploymentOverlays(model)),
    ),
    ...(role.serves ? [file(`${folder}service`, "Where they are reached.", service(scope, model))] : []),
    ...(scaled === undefined
      ? []
      : [
          file(`${folder}horizontal-pod-autoscaler`, "With autoscaling.provider: hpa.", podAutoscaler(scope, scaled)),
          file(`${folder}scaled-object`, "With autoscaling.provider: keda.", scaledObject(scope, scaled)),
        ]),
    file(`${folder}pod-disruption-budget`, "What a drain of a node may take.", disruptionBudget(scope, model)),
  ];
}

function outsideFiles(scope: Cdk8sChart, model: ServiceModel, file: FileOf): TemplateFile[] {
  if (outsideRoutes(model.definition).length === 0) return [];
  const outside: OutsideModel = { ...model, o: model.v as unknown as OutsideValues };
  return [
    file("ingress", "From the route table: an Ingress for each kind of authentication.", ...ingresses(scope, outside)),
    file("http-route", "The same by the Gateway API.", httpRoute(scope, outside)),
    file("kong-plugins", "Needs the Kong ingress controller's CRDs.", ...kongPlugins(scope, outside)),
    file("kong-credentials", "Keys of access tokens, for Kong's plugin jwt.", kongCredentials(scope, outside)),
  ];
}
