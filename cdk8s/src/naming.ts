import {
  type Content,
  chart,
  choose,
  contains,
  defaultTo,
  type Expr,
  mappingTemplate,
  merged,
  type NamedTemplate,
  overwrite,
  printf,
  type Ref,
  release,
  text,
  textTemplate,
  trimSuffix,
  trunc,
} from "@kassa/helm-emitter";

/** Kubernetes cuts off nothing itself: names that become DNS labels have 63 characters at most, ours get suffixes such as `-worker`. */
const MOST_CHARACTERS = 50;

export type Naming = {
  readonly templates: readonly NamedTemplate[];
  /** Name of everything that is there once. */
  readonly fullname: Expr<string>;
  readonly labels: NamedTemplate<Record<string, string>>;
  /** The labels of every object with more from values, which win over commonLabels: side by side a key could come twice. */
  readonly labelsWith: (more: Expr) => Content;
  readonly selectorLabels: NamedTemplate<Record<string, string>>;
};

export type NamingValues = {
  readonly nameOverride: string;
  readonly fullnameOverride: string;
  readonly commonLabels: Record<string, string>;
};

/** Named templates of one chart; `partOf` groups all of Kassa's charts. */
export function namingOf(name: string, v: Ref<NamingValues>): Naming {
  const nameTemplate = textTemplate(
    `${name}.name`,
    "The chart's name, or what stands in for it.",
    trimSuffix(trunc(defaultTo(v.nameOverride, chart.name) as Expr<string>, MOST_CHARACTERS), "-"),
  );
  const shortName = nameTemplate.include;
  const fullnameTemplate = textTemplate(
    `${name}.fullname`,
    "The name of the objects: the release's and the chart's, once when the one holds the other.",
    choose(
      v.fullnameOverride,
      trimSuffix(trunc(v.fullnameOverride, MOST_CHARACTERS), "-"),
      choose(
        contains(release.name, shortName),
        trimSuffix(trunc(release.name, MOST_CHARACTERS), "-"),
        trimSuffix(trunc(printf("%s-%s", release.name, shortName), MOST_CHARACTERS), "-"),
      ),
    ),
  );
  const fullname = fullnameTemplate.include as Expr<string>;
  const selectorLabels = mappingTemplate(
    `${name}.selectorLabels`,
    "Labels by which objects find the pods. They never change: a Deployment's selector is immutable.",
    { "app.kubernetes.io/name": shortName, "app.kubernetes.io/instance": release.name },
  );
  const commonLabels = v.commonLabels as unknown as Expr;
  const ownLabels = mappingTemplate(
    `${name}.ownLabels`,
    "Labels of every object, without those from values.",
    merged(selectorLabels.include, {
      "app.kubernetes.io/version": chart.appVersion,
      "app.kubernetes.io/part-of": "kassa",
      "app.kubernetes.io/managed-by": release.service,
      "helm.sh/chart": text`${chart.name}-${chart.version}`,
    }),
  );
  const labels = mappingTemplate(`${name}.labels`, "Labels of every object.", merged(ownLabels.include, commonLabels));
  return {
    templates: [nameTemplate, fullnameTemplate, selectorLabels, ownLabels, labels],
    fullname,
    labels,
    labelsWith: (more) => merged(ownLabels.include, overwrite(commonLabels, more)),
    selectorLabels,
  };
}
