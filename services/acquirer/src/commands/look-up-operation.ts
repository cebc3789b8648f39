import type { Operation } from "../domain/operation.ts";
import type { OperationPorts } from "./execute-operation.ts";

/** The newest operation with the merchant's id, as far as an eventually consistent provider can see it. */
export async function lookUpOperation(
  operationId: string,
  { book, clock }: OperationPorts,
): Promise<Operation | undefined> {
  const operation = await book.find(operationId);
  if (operation?.visibleAtMs != null && operation.visibleAtMs > clock.now()) return undefined;
  return operation;
}
