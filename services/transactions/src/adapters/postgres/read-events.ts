import type { Uuid } from "@kassa/kernel/id";
import type { Pool } from "@kassa/platform/postgres";
import type { RecordedEvent } from "../../domain/payment.ts";

export type StreamKey = { readonly merchantId: Uuid; readonly paymentId: Uuid };

const READ_STREAMS = `
  select e.stream_id, e.merchant_id, e.version, e.type, e.data, e.occurred_at
  from unnest($1::uuid[], $2::uuid[]) as w (merchant_id, stream_id)
  join events e on e.stream_id = w.stream_id and e.merchant_id = w.merchant_id
  order by e.stream_id, e.version`;

/** A row of `events` as the domain knows it. */
export function recordedEvent(row: {
  stream_id: string;
  merchant_id: string;
  version: number;
  type: string;
  data: unknown;
  occurred_at: Date;
}): RecordedEvent {
  return {
    streamId: row.stream_id,
    merchantId: row.merchant_id,
    version: row.version,
    type: row.type,
    data: row.data,
    occurredAtMs: row.occurred_at.getTime(),
  } as RecordedEvent;
}

/** The events of many streams with one query; one list for each key, empty when the merchant has no such payment. */
export async function readStreams(pool: Pool, keys: readonly StreamKey[]): Promise<RecordedEvent[][]> {
  const { rows } = await pool.query({
    name: "read_streams",
    text: READ_STREAMS,
    values: [keys.map(({ merchantId }) => merchantId), keys.map(({ paymentId }) => paymentId)],
  });
  const byStream = new Map<string, RecordedEvent[]>();
  for (const row of rows) {
    const event = recordedEvent(row);
    const list = byStream.get(event.streamId);
    if (list === undefined) byStream.set(event.streamId, [event]);
    // The same key asked for twice in one batch brings its events twice.
    else if (event.version === list.length + 1) list.push(event);
  }
  return keys.map(({ merchantId, paymentId }) => {
    const list = byStream.get(paymentId) ?? [];
    return list[0]?.merchantId === merchantId ? list : [];
  });
}
