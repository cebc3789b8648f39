/** A remote service answered that it could not do its work (429 or 5xx). Whether it acted before is not known. */
export class UnexpectedStatus extends Error {
  override readonly name = "UnexpectedStatus";
  readonly status: number;
  readonly json: unknown;

  constructor(executor: string, status: number, json: unknown) {
    super(`${executor} answered ${status}`);
    this.status = status;
    this.json = json;
  }
}
