/** A newer publisher of the same name exists. Nothing of the call was published. Only the newest may go on. */
export class PublisherFenced extends Error {
  override readonly name = "PublisherFenced";

  constructor(publisher: string, options?: ErrorOptions) {
    super(`a newer publisher "${publisher}" has taken over`, options);
  }
}
