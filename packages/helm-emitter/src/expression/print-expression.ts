import type { Expr } from "./expression.ts";

/** The expression as it stands between `{{` and `}}`, where the dot is the root. */
export function printExpression(expression: Expr): string {
  throw new Error(`not yet ${expression}`);
}
