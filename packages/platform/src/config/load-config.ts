import { readFileSync } from "node:fs";
import { invariant } from "@kassa/kernel/assert";
import type { Static, TObject, TSchema } from "typebox";
import { Value } from "typebox/value";
import { ConfigError, type ConfigFault } from "./config-error.ts";
import { allowedText, parseText, type VariableSchema } from "./variable.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** The text of a file, or an exception whose message says why there is none. */
export type ReadFile = (path: string) => string;

const readUtf8: ReadFile = (path) => readFileSync(path, "utf8");

const VARIABLE_NAME = /^[A-Z][A-Z0-9_]*$/;

/**
 * The configuration in an environment. Property names of the schema are the names of variables; a variable that is missing
 * or blank takes the schema's `default`, and a property marked `secret: true` may come from the file that `<NAME>_FILE` names.
 * Variables the schema does not know are ignored.
 * @throws ConfigError with every fault at once
 */
export function loadConfig<S extends TObject>(schema: S, env: Env, readFile: ReadFile = readUtf8): Static<S> {
  const required = new Set((schema as { required?: readonly string[] }).required ?? []);
  const faults: ConfigFault[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties as Record<string, TSchema>)) {
    invariant(VARIABLE_NAME.test(name), `${name} is no name of an environment variable`);
    const outcome = readVariable(name, property as VariableSchema, env, readFile, required.has(name));
    if ("fault" in outcome) faults.push(outcome.fault);
    else if (outcome.value !== undefined) config[name] = outcome.value;
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config) as Static<S>;
}

type Outcome = { readonly value: unknown } | { readonly fault: ConfigFault };

function readVariable(
  name: string,
  schema: VariableSchema,
  env: Env,
  readFile: ReadFile,
  isRequired: boolean,
): Outcome {
  const source = textOf(name, schema, env, readFile);
  if ("fault" in source) return source;
  const { text } = source;
  if (text === undefined || text === "") {
    if (schema.default !== undefined) return { value: structuredClone(schema.default) };
    if (!isRequired) return { value: undefined };
    return { fault: faultOf(name, schema, undefined, "is missing") };
  }
  const value = parseText(schema, text);
  if (value !== undefined && Value.Check(schema as TSchema, value)) return { value };
  return { fault: faultOf(name, schema, text, "is not valid") };
}

function textOf(
  name: string,
  schema: VariableSchema,
  env: Env,
  readFile: ReadFile,
): { readonly text: string | undefined } | { readonly fault: ConfigFault } {
  const given = env[name];
  const path = schema.secret === true ? env[`${name}_FILE`] : undefined;
  if (path === undefined || path === "") return { text: given };
  if (given !== undefined && given !== "") {
    return {
      fault: {
        variable: name,
        allowed: `either ${name} or ${name}_FILE`,
        sentence: `${name} and ${name}_FILE are both given; give one of them`,
      },
    };
  }
  try {
    return { text: readFile(path).replace(/\r?\n$/, "") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      fault: {
        variable: `${name}_FILE`,
        given: path,
        allowed: "the path of a readable file",
        sentence: `${name}_FILE names ${JSON.stringify(path)}, which cannot be read: ${reason}`,
      },
    };
  }
}

function faultOf(name: string, schema: VariableSchema, text: string | undefined, verdict: string): ConfigFault {
  const allowed = allowedText(schema);
  const hint = schema.description === undefined ? "" : ` (${schema.description})`;
  const variable = schema.secret === true ? `${name} or ${name}_FILE` : name;
  const shown = text === undefined || schema.secret === true ? "" : ` ${JSON.stringify(text)}`;
  return {
    variable: name,
    ...(text === undefined || schema.secret === true ? {} : { given: text }),
    allowed,
    sentence: `${variable}${shown} ${verdict}: it must be ${allowed}${hint}`,
  };
}
