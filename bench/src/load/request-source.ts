import { randomBytes } from "node:crypto";
import type { LoadRequest } from "./load-job.ts";

const DIGITS = 12;
const ZERO = 48;

/** Makes the bytes of the next request of a connection. */
export type RequestSource = (connection: number) => Buffer;

/** Buffers are made beforehand, one a connection; only the digits of the Idempotency-Key change. */
export function requestSource(request: LoadRequest, connections: number): RequestSource {
  return request.kind === "get" ? gets(request) : posts(request, connections);
}

function gets({ paths, apiKey }: LoadRequest & { kind: "get" }): RequestSource {
  const buffers = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${apiKey}\r\n\r\n`),
  );
  let next = 0;
  return () => {
    next = (next + 1) % buffers.length;
    const buffer = buffers[next];
    if (buffer === undefined) throw new RangeError("no paths to get");
    return buffer;
  };
}

function posts({ path, apiKey, body }: LoadRequest & { kind: "post" }, connections: number): RequestSource {
  const prefix = randomBytes(6).toString("hex");
  const before = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\nidempotency-key: ${prefix}-`;
  const after = `\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const template = Buffer.from(`${before}${"0".repeat(DIGITS)}${after}`);
  const digitsEnd = Buffer.byteLength(before) + DIGITS - 1;
  const buffers = Array.from({ length: connections }, () => Buffer.from(template));
  let count = 0;
  return (connection) => {
    const buffer = buffers[connection];
    if (buffer === undefined) throw new RangeError(`no connection ${connection}`);
    count += 1;
    let rest = count;
    for (let at = digitsEnd; rest > 0; at -= 1) {
      buffer[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return buffer;
  };
}
