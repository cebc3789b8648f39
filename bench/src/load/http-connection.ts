import { connect, type Socket } from "node:net";

const BUFFER_BYTES = 64 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");

export type HttpConnectionEvents = {
  onAnswer(connection: HttpConnection, status: number): void;
  onError(error: Error): void;
};

/**
 * One keep-alive HTTP/1.1 connection with one request at a time, as cheap as can be: it shares the cores with what it measures.
 * Knows answers with Content-Length only.
 */
export class HttpConnection {
  /** The request that is on its way was due then, in ms of `performance.now`. */
  dueAtMs = 0;
  readonly index: number;
  readonly #socket: Socket;
  readonly #events: HttpConnectionEvents;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #held: Buffer | undefined;

  private constructor(port: number, index: number, events: HttpConnectionEvents, opened: () => void) {
    this.index = index;
    this.#events = events;
    const callback = (bytes: number) => {
      this.#receive(this.#buffer.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true, onread: { buffer: this.#buffer, callback } });
    this.#socket.once("connect", opened);
    this.#socket.on("error", (error) => events.onError(error));
    this.#socket.on("end", () => events.onError(new Error("the server closed a connection")));
  }

  static async open(port: number, index: number, events: HttpConnectionEvents): Promise<HttpConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onError = (error: Error) => {
      reject(error);
      events.onError(error);
    };
    const connection = new HttpConnection(port, index, { ...events, onError }, resolve);
    await promise;
    return connection;
  }

  /** The buffer may be used again once the answer is there. */
  send(request: Buffer): void {
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.removeAllListeners("end");
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    const length = answerLength(bytes);
    if (length === undefined || bytes.length < length) {
      this.#held = Buffer.from(bytes);
      return;
    }
    this.#held = undefined;
    if (bytes.length > length) {
      this.#events.onError(new Error("more bytes than the answer has"));
      return;
    }
    const status = (bytes[9] ?? 0) * 100 + (bytes[10] ?? 0) * 10 + (bytes[11] ?? 0) - 48 * 111;
    this.#events.onAnswer(this, status);
  }
}

/** Of head and body; undefined while the head is not complete. */
function answerLength(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  return headEnd + HEAD_END.length + Number(length);
}
