import fc, { type Arbitrary } from "fast-check";
import { ChartDefinitionError } from "../chart-definition-error.ts";
import type { ValueSchema } from "../values/value-schema.ts";
import type { Fill } from "./arbitrary-json.ts";
import { hurtfulTexts, textsOfFormat } from "./hurtful-texts.ts";

const MAX_LENGTH = 40;

/** A text that the schema allows; the more it allows, the more it hurts. */
export function arbitraryText(schema: ValueSchema, fill: Fill): Arbitrary<string> {
  const {
    pattern,
    format,
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
    examples = [],
    default: fallback,
  } = schema;
  const expression = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const isAllowed = (text: string): boolean => {
    const length = [...text].length;
    return (
      length >= minLength &&
      length <= maxLength &&
      expression?.test(text) !== false &&
      (fill === "random" || text !== "")
    );
  };
  const known = [...examples, ...(fallback === undefined ? [] : [fallback])].filter(
    (one): one is string => typeof one === "string",
  );
  const ofFormat = format === undefined ? undefined : textsOfFormat[format];
  const fixed = [...(ofFormat ?? hurtfulTexts), ...known].filter(isAllowed);
  const generated =
    ofFormat === undefined ? generatedTexts(pattern, minLength, maxLength)?.filter(isAllowed) : undefined;
  if (fixed.length === 0 && generated === undefined) {
    throw new ChartDefinitionError(
      `no text is known for the pattern ${pattern} and the format ${format}: give examples`,
    );
  }
  const choices = [
    ...(fixed.length === 0 ? [] : [fc.constantFrom(...fixed)]),
    ...(generated === undefined ? [] : [generated]),
  ];
  return fc.oneof(...choices);
}

function generatedTexts(
  pattern: string | undefined,
  minLength: number,
  maxLength: number,
): Arbitrary<string> | undefined {
  if (pattern === undefined)
    return fc.string({ minLength, maxLength: Math.min(maxLength, Math.max(minLength, MAX_LENGTH)) });
  try {
    return fc.stringMatching(new RegExp(pattern), { maxLength: Math.min(maxLength, 253) });
  } catch {
    return undefined;
  }
}
