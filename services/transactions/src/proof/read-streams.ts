import type { Uuid } from "@kassa/kernel/id";
import { recordedEvent } from "../adapters/postgres/read-events.ts";
import type { RecordedEvent } from "../domain/payment.ts";
import type { Snapshot } from "./snapshot.ts";

/** All events of one stream, in order. Nothing about them is checked yet. */
export type Stream = { readonly id: Uuid; readonly events: readonly RecordedEvent[] };

type EventRow = Parameters<typeof recordedEvent>[0];

const EVENTS = `
  select stream_id, merchant_id, version, type, data, occurred_at from events order by stream_id, version`;

/** Every stream of the store, many at a time, in the order of their ids. Memory: one page and one stream. */
export async function* readAllStreams(snapshot: Snapshot): AsyncGenerator<Stream[]> {
  let open: RecordedEvent[] = [];
  for await (const rows of snapshot.pages<EventRow>(EVENTS)) {
    const whole: Stream[] = [];
    for (const row of rows) {
      const event = recordedEvent(row);
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
