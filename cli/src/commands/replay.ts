import { renderReplay } from "@kassa/transactions/proof/render-replay";
import { replayProjections } from "@kassa/transactions/proof/replay-projections";
import { type BooksOptions, openBooks } from "../books/open-books.ts";

export type ReplayOptions = BooksOptions & {
  /** Replaces the live rows; the product must be stopped. */
  readonly apply: boolean;
  readonly json: boolean;
};

/** Rebuilds the projections from their sources. Resolves with 0 when they are, or now have become, identical. */
export async function replay(options: ReplayOptions): Promise<number> {
  const books = await openBooks(options, false);
  try {
    const result = await replayProjections({ connectionString: books.databaseUrl, apply: options.apply });
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : renderReplay(result));
    return result.identical || result.applied ? 0 : 1;
  } finally {
    await books.close();
  }
}
