import { add, type Expr, merged, type Overlay, set, text } from "@kassa/helm-emitter";
import type { ServiceModel } from "../service-model.ts";

/** Name, labels and annotations of an object that has an empty mapping of labels; `suffix` begins with a dash. */
export function metadataOverlays({ naming, v }: ServiceModel, suffix = "", moreLabels?: Expr): Overlay[] {
  return [
    set("metadata.name", suffix === "" ? naming.fullname : text`${naming.fullname}${suffix}`),
    add("metadata.labels", moreLabels === undefined ? naming.labels.include : naming.labelsWith(moreLabels)),
    add("metadata.annotations", merged(v.commonAnnotations as Expr)),
  ];
}
