import type { Delivered } from "../bus.ts";
import type { Connections } from "./connections.ts";

/** Where to go on reading a partition, and how many messages it may have. */
export type FetchRequest = {
  readonly partitionId: number;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly limit: number;
};

// The inner limit keeps it to one short range of the index for each partition; offsets have no gaps to skip.
const FETCH = {
  name: "bus-fetch",
  text: `select w.id, l."offset", l.key, l.value, l.headers
  from unnest($1::int[], $2::bigint[], $3::int[]) as w (id, position, n)
  cross join lateral (
    select g."offset", g.key, g.value, g.headers from bus.log g
    where g.partition_id = w.id and g."offset" >= w.position order by g."offset" limit w.n
  ) l
  limit $4`,
};

/** The next messages of several partitions in one query, by partition id, each in ascending order of offset. */
export async function fetchMessages(
  connections: Connections,
  requests: readonly FetchRequest[],
  limit: number,
): Promise<Map<number, Delivered[]>> {
  const byId = new Map(requests.map((request) => [request.partitionId, request]));
  const positions = requests.map((request) => request.from);
  const limits = requests.map((request) => request.limit);
  const rows = await connections.consume(FETCH, [[...byId.keys()], positions, limits, limit]);
  const fetched = new Map<number, Delivered[]>();
  for (const row of rows) {
    const id = Number(row[0]);
    const request = byId.get(id);
    if (!request) continue;
    const message = delivered(row, request);
    const messages = fetched.get(id);
    if (messages) messages.push(message);
    else fetched.set(id, [message]);
  }
  for (const messages of fetched.values()) inOrder(messages);
  return fetched;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function delivered(row: readonly unknown[], request: FetchRequest): Delivered {
  return {
    topic: request.topic,
    partition: request.partition,
    offset: String(row[1]),
    key: row[2] as string,
    value: row[3] as string,
    headers: row[4] === null ? NO_HEADERS : (JSON.parse(row[4] as string) as Record<string, string>),
  };
}

/** The plan yields each partition in order, but SQL does not promise it. */
function inOrder(messages: Delivered[]): void {
  for (let i = 1; i < messages.length; i += 1) {
    if (Number(messages[i]?.offset) < Number(messages[i - 1]?.offset)) {
      messages.sort((a, b) => Number(a.offset) - Number(b.offset));
      return;
    }
  }
}
