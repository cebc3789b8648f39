import Type from "typebox";
import { choice, section, text } from "./kubernetes-types.ts";

/** Where an image comes from. A digest wins over a tag. */
export function imageValues(what: string, repository: string, tag: string) {
  return section(`the image of ${what}`, {
    registry: text("", "host of the registry, without a slash; empty: the container runtime's default"),
    repository: text(repository, "path of the image in the registry"),
    tag: text(tag, tag === "" ? "empty: the chart's appVersion" : "version of the image"),
    digest: Type.String({
      default: "",
      pattern: "^(sha256:[0-9a-f]{64})?$",
      description: "sha256:...; wins over the tag",
    }),
    pullPolicy: choice(["Always", "IfNotPresent", "Never"], "IfNotPresent", "when the node fetches it"),
  });
}
