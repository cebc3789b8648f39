import {
  add,
  type Document,
  type Expr,
  eachObject,
  kubeObject,
  merge,
  merged,
  printf,
  set,
  sha256sum,
  trunc,
  whenObjects,
} from "@kassa/helm-emitter";
import { ApiObject } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { OutsideModel } from "./ingress.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** Digits of a key id's hash in names: key ids may be longer than names, and of other characters. */
const HASH_DIGITS = 10;

/** A KongConsumer with its credential for each key that signs access tokens: Kong finds the one that a token names by `kid`. */
export function kongCredentials(scope: Construct, model: OutsideModel): Document {
  const { kong } = model.o;
  const keys = kong.jwt.keys as unknown as Expr<Readonly<Record<string, string>>>;
  const credentials = eachObject(keys, "publicKey", (publicKey, kid) => [
    consumer(scope, model, kid),
    credential(scope, model, kid, publicKey),
  ]);
  return whenObjects(kong.enabled as Expr<boolean>, [credentials]);
}

function nameOf({ naming }: OutsideModel, kid: Expr<string>): Expr<string> {
  return printf("%s-jwt-%s", naming.fullname, trunc(sha256sum(kid), HASH_DIGITS));
}

function consumer(scope: Construct, model: OutsideModel, kid: Expr<string>): Document {
  const name = nameOf(model, kid);
  const base = new ApiObject(scope, "jwt-consumer", {
    apiVersion: "configuration.konghq.com/v1",
    kind: "KongConsumer",
    metadata: { name: "jwt" },
    username: "",
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model).slice(1, 2),
    set("metadata.name", name),
    add(
      "metadata.annotations",
      merged(model.v.commonAnnotations as Expr, {
        "kubernetes.io/ingress.class": model.o.ingress.className,
      }),
    ),
    set("username", name),
    add("credentials", [name]),
  ]);
}

function credential(scope: Construct, model: OutsideModel, kid: Expr<string>, publicKey: Expr<string>): Document {
  const base = new k8s.KubeSecret(scope, "jwt-credential", {
    metadata: { name: "jwt", labels: { "konghq.com/credential": "jwt" } },
    type: "Opaque",
  });
  return kubeObject(base.toJson(), [
    set("metadata.name", nameOf(model, kid)),
    merge("metadata.labels", model.naming.labels.include),
    add("metadata.annotations", merged(model.v.commonAnnotations as Expr)),
    add("stringData", {
      algorithm: "RS256",
      key: kid,
      rsa_public_key: publicKey,
      // Nothing is signed with it; the admission webhooks of older controllers refuse a credential without one.
      secret: sha256sum(publicKey),
    }),
  ]);
}
