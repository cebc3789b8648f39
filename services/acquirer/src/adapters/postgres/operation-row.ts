import type { Operation, RefusalCode } from "../../domain/operation.ts";

/** A row of the table operations. */
export type OperationRow = {
  readonly key: string;
  readonly fingerprint: string;
  readonly operation_id: string;
  readonly kind: Operation["kind"];
  readonly result: Operation["result"];
  readonly charge_id: string;
  readonly subject_id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly code: string | null;
  readonly decline_code: string | null;
  readonly answer_ok: boolean;
  readonly answer: string;
  readonly visible_at: Date | null;
  readonly created_at: Date;
};

export function operationOfRow(row: OperationRow): Operation {
  return {
    key: row.key,
    fingerprint: row.fingerprint,
    operationId: row.operation_id,
    kind: row.kind,
    result: row.result,
    chargeId: row.charge_id,
    subjectId: row.subject_id,
    amount: Number(row.amount),
    currency: row.currency,
    code: row.code,
    declineCode: row.decline_code,
    answer: row.answer_ok
      ? { ok: true, body: row.answer }
      : { ok: false, code: row.code as RefusalCode, detail: row.answer },
    visibleAtMs: row.visible_at?.getTime() ?? null,
    createdAtMs: row.created_at.getTime(),
  };
}
