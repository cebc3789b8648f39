import type { TLocalizedValidationError } from "typebox/error";

/** What to tell a client: the member at fault as a dotted path, and what it must be. */
export type Fault = { readonly param: string | undefined; readonly message: string };

/**
 * The one error worth telling of all that a validator found. Inside a union the deepest error belongs to the branch
 * that was most likely meant; where no branch was entered, the choices are named.
 */
export function firstFault(errors: readonly TLocalizedValidationError[]): Fault {
  const real = errors.filter((error) => error.keyword !== "boolean");
  const first = real[0];
  if (first === undefined) return { param: undefined, message: "is not valid" };
  const union = real.find((error) => error.keyword === "anyOf" && isInside(first.schemaPath, error.schemaPath));
  if (union === undefined) return faultOf(first);
  const inside = real.filter((error) => error !== union && isInside(error.schemaPath, union.schemaPath));
  const deepest = inside.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a), first);
  if (depthOf(deepest) > depthOf(union)) return faultOf(deepest);
  return { param: dotted(union.instancePath), message: choicesText(inside) };
}

function faultOf(error: TLocalizedValidationError): Fault {
  if (error.keyword === "required") {
    return { param: dotted(`${error.instancePath}/${error.params.requiredProperties[0]}`), message: "is missing" };
  }
  if (error.keyword === "additionalProperties") {
    const [name] = error.params.additionalProperties;
    return { param: dotted(`${error.instancePath}/${name}`), message: "is not known here" };
  }
  if (error.keyword === "enum")
    return { param: dotted(error.instancePath), message: `must be one of ${error.params.allowedValues.join(", ")}` };
  return { param: dotted(error.instancePath), message: error.message };
}

function choicesText(branches: readonly TLocalizedValidationError[]): string {
  const values = branches.flatMap((error) => (error.keyword === "const" ? [String(error.params.allowedValue)] : []));
  if (values.length > 0) return `must be one of ${values.join(", ")}`;
  return [...new Set(branches.map((error) => error.message))].join(" or ") || "is not valid";
}

function isInside(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/anyOf/`);
}

function depthOf(error: TLocalizedValidationError): number {
  const own = error.instancePath === "" ? 0 : error.instancePath.split("/").length - 1;
  return error.keyword === "required" || error.keyword === "additionalProperties" ? own + 1 : own;
}

/** `/payments/3/amount` (RFC 6901) -> `payments.3.amount` */
function dotted(pointer: string): string | undefined {
  if (pointer === "") return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}
