/** Thrown by a handler: this message can never be handled. It goes to the dead-letter topic at once. */
export class PoisonMessage extends Error {
  override readonly name = "PoisonMessage";
}
