import { acquirerSettlement } from "@kassa/transactions/proof/acquirer-settlement";
import { parseHead } from "@kassa/transactions/proof/checks/chain";
import { proveBooks } from "@kassa/transactions/proof/prove-books";
import { renderProof } from "@kassa/transactions/proof/render-proof";
import { type BooksOptions, openBooks } from "../books/open-books.ts";
import { Refusal } from "../installation/refusal.ts";

export type ProveOptions = BooksOptions & {
  /** `block:hash` of an earlier proof. */
  readonly head?: string;
  readonly json: boolean;
};

/** Compares everything that must agree. Resolves with 0 only when the books are right. */
export async function prove(options: ProveOptions): Promise<number> {
  const head = options.head === undefined ? undefined : parseHead(options.head);
  if (options.head !== undefined && head === undefined) {
    throw new Refusal("--head must be block:hash, as an earlier proof printed it.");
  }
  const books = await openBooks(options, true);
  try {
    const acquirer = books.acquirer && acquirerSettlement(books.acquirer);
    const proof = await proveBooks({ connectionString: books.databaseUrl, head, acquirer });
    process.stdout.write(options.json ? `${JSON.stringify(proof)}\n` : renderProof(proof));
    return proof.ok ? 0 : 1;
  } finally {
    await books.close();
  }
}
