/** Thrown by a handler: something it needs is away. The message is retried without an end and never dead-lettered. */
export class Transient extends Error {
  override readonly name: string = "Transient";
  readonly transient = true;
}

/** True for Transient and for every error that says the same of itself by `transient: true`. */
export function isTransient(error: unknown): boolean {
  return typeof error === "object" && error !== null && "transient" in error && error.transient === true;
}
