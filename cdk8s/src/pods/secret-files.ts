import {
  at,
  type Content,
  choose,
  type Expr,
  has,
  hasKey,
  type NamedTemplate,
  type Ref,
  toText,
  when,
} from "@kassa/helm-emitter";
import type { ServiceDefinition } from "../service-definition.ts";
import { secretVariables } from "../values/config-values.ts";
import type { ServiceValues } from "../values/service-values.ts";

const FOLDER = "/etc/kassa/secrets";

/** Where a secret volume is mounted. */
export function secretMount(volume: string) {
  return { name: volume, mountPath: FOLDER, readOnly: true };
}

/** The file that a secret variable is read from. */
export function secretFile(variable: string): string {
  return `${FOLDER}/${variable}`;
}

/** Sources of the projected volume of the application: a file for each secret variable. */
export function secretSources(
  definition: ServiceDefinition,
  v: Ref<ServiceValues>,
  secretName: NamedTemplate<string>,
): Content[] {
  return secretVariables(definition).map(({ name, isRequired }) => {
    const source = secretSource(name, v, secretName);
    return isRequired ? source : when(isChosen(v, name), source);
  });
}

/** `NAME_FILE` for each secret variable. */
export function secretFileVariables(
  definition: ServiceDefinition,
  v: Ref<ServiceValues>,
): Readonly<Record<string, Content>> {
  return Object.fromEntries(
    secretVariables(definition).map(({ name, isRequired }) => {
      const file = secretFile(name);
      return [`${name}_FILE`, isRequired ? file : when(isChosen(v, name), file)];
    }),
  );
}

/** One variable's file: from the service's Secret, or from another that `secrets.from` names. */
export function secretSource(name: string, v: Ref<ServiceValues>, secretName: NamedTemplate<string>): Content {
  const from = v.secrets.from as unknown as Expr<Readonly<Record<string, Record<string, string>>>>;
  const isElsewhere = hasKey(from, name);
  return {
    secret: {
      name: choose(isElsewhere, toText(at(at(from, name), "name")), secretName.include),
      items: [{ key: choose(isElsewhere, toText(at(at(from, name), "key")), name), path: name }],
    },
  };
}

function isChosen(v: Ref<ServiceValues>, name: string): Expr<boolean> {
  return has(v.secrets.optional as unknown as Expr<readonly string[]>, name);
}
