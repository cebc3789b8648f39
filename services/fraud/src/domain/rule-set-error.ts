/** What is wrong with a file of rules, and where. */
export type RuleFault = {
  /** From 1. */
  readonly line: number;
  /** What is meant, as a dotted path: `rules.2.when.amount`. */
  readonly path: string;
  readonly sentence: string;
};

/** Everything that is wrong with a file of rules, in the order of its lines. */
export class RuleSetError extends Error {
  override readonly name = "RuleSetError";
  readonly faults: readonly RuleFault[];

  constructor(file: string, faults: readonly RuleFault[]) {
    const sorted = faults.toSorted((a, b) => a.line - b.line);
    const lines = sorted.map(
      ({ line, path, sentence }) => `  ${file}:${line}: ${path === "" ? "" : `${path} `}${sentence}`,
    );
    super(`the rules are not valid:\n${lines.join("\n")}`);
    this.faults = sorted;
  }
}
