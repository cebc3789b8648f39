import { renderTrace } from "@kassa/transactions/proof/render-trace";
import { tracePayment } from "@kassa/transactions/proof/trace-payment";
import { type BooksOptions, openBooks } from "../books/open-books.ts";
import { Refusal } from "../installation/refusal.ts";

export type TraceOptions = BooksOptions & { readonly json: boolean };

/** Tells one payment's story: requests, events, calls, postings, messages. */
export async function trace(paymentId: string, options: TraceOptions): Promise<number> {
  const books = await openBooks(options, false);
  try {
    const story = await tracePayment({ connectionString: books.databaseUrl, paymentId });
    if (story === undefined) throw new Refusal(`There is no payment ${paymentId} in ${books.name}.`);
    process.stdout.write(options.json ? `${JSON.stringify(story)}\n` : renderTrace(story));
    return 0;
  } finally {
    await books.close();
  }
}
