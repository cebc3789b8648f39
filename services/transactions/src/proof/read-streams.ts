import type { Uuid } from "@kassa/kernel/id";
import type { RecordedEvent } from "../domain/payment.ts";
import type { Snapshot } from "./snapshot.ts";

/** All events of one stream, in order. Nothing about them is checked yet. */
export type Stream = { readonly id: Uuid; readonly events: readonly RecordedEvent[] };

// In the names and types of a RecordedEvent, so that no row has to be made anew.
const EVENTS = `
  select stream_id as "streamId", merchant_id as "merchantId", version, type, data,
    (extract(epoch from occurred_at) * 1000)::float8 as "occurredAtMs"
  from events order by stream_id, version`;

/** Every stream of the store, many at a time, in the order of their ids. Memory: one page and one stream. */
export async function* readAllStreams(snapshot: Snapshot): AsyncGenerator<Stream[]> {
  let open: RecordedEvent[] = [];
  for await (const events of snapshot.pages<RecordedEvent>(EVENTS)) {
    const whole: Stream[] = [];
    for (const event of events) {
      if (open[0] !== undefined && open[0].streamId !== event.streamId) {
        whole.push(streamOf(open));
        open = [];
      }
      open.push(event);
    }
    if (whole.length > 0) yield whole;
  }
  if (open.length > 0) yield [streamOf(open)];
}

function streamOf(events: readonly RecordedEvent[]): Stream {
  return { id: (events[0] as RecordedEvent).streamId, events };
}
