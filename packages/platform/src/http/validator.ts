import { Problem } from "@kassa/contracts/problem";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { type Fault, firstFault } from "./first-fault.ts";
import { strictSchema } from "./strict-schema.ts";

/** Checks a value and fills in the defaults of its top level. */
export type Validator = (value: unknown) => unknown;

/**
 * Compiles a schema once. The validator returns the same object with defaults filled in.
 * @throws Problem invalid_request, with `param`; never with the value, which may be a card number
 */
export function compileValidator(schema: TSchema): Validator {
  const validator = Compile(strictSchema(schema));
  const defaults = defaultsOf(schema);
  return (value) => {
    if (!validator.Check(value)) throw invalid(firstFault(validator.Errors(value)));
    if (defaults.length > 0) fillIn(value as Record<string, unknown>, defaults);
    return value;
  };
}

type Defaults = readonly (readonly [name: string, value: unknown])[];

function defaultsOf(schema: TSchema): Defaults {
  const properties = (schema as { properties?: Record<string, { default?: unknown }> }).properties ?? {};
  return Object.entries(properties)
    .filter(([, property]) => property.default !== undefined)
    .map(([name, property]) => [name, property.default] as const);
}

function fillIn(value: Record<string, unknown>, defaults: Defaults): void {
  for (const [name, standard] of defaults) {
    if (value[name] === undefined) value[name] = typeof standard === "object" ? structuredClone(standard) : standard;
  }
}

function invalid(fault: Fault): Problem {
  const detail = fault.param === undefined ? `The request ${fault.message}.` : `${fault.param} ${fault.message}.`;
  return new Problem("invalid_request", detail, { param: fault.param });
}
