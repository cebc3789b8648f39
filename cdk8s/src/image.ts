import {
  chart,
  defaultTo,
  type Expr,
  type NamedTemplate,
  ne,
  printf,
  type Ref,
  ternary,
  text,
  textTemplate,
} from "@kassa/helm-emitter";

export type ImageRef = Ref<{
  registry: string;
  repository: string;
  tag: string;
  digest: string;
  pullPolicy: string;
}>;

/** A named template that says an image's whole name: `registry/repository@digest`, or with its tag. */
export function imageTemplate(name: string, what: string, image: ImageRef): NamedTemplate<string> {
  const registry = ternary(ne(image.registry, ""), printf("%s/", image.registry), "");
  const tag = defaultTo(image.tag, chart.appVersion) as Expr<string>;
  const version = ternary(ne(image.digest, ""), printf("@%s", image.digest), printf(":%s", tag));
  return textTemplate(name, `The image of ${what}.`, text`${registry}${image.repository}${version}`);
}
