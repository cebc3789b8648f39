/** What is wrong with one variable of the environment. */
export type ConfigFault = {
  readonly variable: string;
  /** The text that was given; undefined when there was none or when it is a secret. */
  readonly given?: string;
  /** What is allowed, as the end of a sentence: `an integer from 1 to 65535`. */
  readonly allowed: string;
  /** The whole fault as one line for a person. */
  readonly sentence: string;
};

/** Everything that is wrong with the environment, all at once, so that one start is enough to mend it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(`the configuration is not valid:\n${faults.map((fault) => `  ${fault.sentence}`).join("\n")}`);
    this.faults = faults;
  }
}
