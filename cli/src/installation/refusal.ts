/** Why a command does not do what was asked: one sentence for the person at the terminal, with what to do about it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Errors whose message is a sentence already, wherever they come from. */
const SPEAKING_ERRORS: ReadonlySet<string> = new Set(["Refusal", "EmbeddedPostgresError", "ConfigError"]);

/** What to print for an error: its own sentence, or for one that nobody foresaw its message after what was being done. */
export function sentenceOf(error: unknown, doing: string): string {
  if (error instanceof Error && SPEAKING_ERRORS.has(error.name)) return error.message;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return `${doing} failed: ${reason}`;
}
