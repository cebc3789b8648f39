import pg from "pg";

const COUNT_OPEN = `
  select count(*)::int as open from payments where merchant_id = $1 and status in ('new', 'processing')`;
const COUNT_ALL = `
  select count(*)::int as accepted, (count(*) filter (where status = 'completed'))::int as completed,
    (count(*) filter (where status not in ('new', 'processing', 'completed')))::int as other
  from payments where merchant_id = $1`;

export type Totals = { readonly accepted: number; readonly completed: number; readonly other: number };

/** Looks into the product's database for what is still to be done. */
export class Backlog implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #merchantId: string;

  private constructor(client: pg.Client, merchantId: string) {
    this.#client = client;
    this.#merchantId = merchantId;
  }

  static async open(product: { readonly databaseUrl: string; readonly merchantId: string }): Promise<Backlog> {
    const client = new pg.Client({ connectionString: product.databaseUrl });
    await client.connect();
    return new Backlog(client, product.merchantId);
  }

  /** Payments accepted and not yet decided. Cheap while there are few of them. */
  async size(): Promise<number> {
    const { rows } = await this.#client.query<{ open: number }>(COUNT_OPEN, [this.#merchantId]);
    return rows[0]?.open ?? 0;
  }

  /** Reads every payment. */
  async totals(): Promise<Totals> {
    const { rows } = await this.#client.query<Totals>(COUNT_ALL, [this.#merchantId]);
    return rows[0] ?? { accepted: 0, completed: 0, other: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
