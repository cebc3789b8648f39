import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { Writable } from "node:stream";

/** Bytes; a bigger file is put aside as `<name>.1`, and the one put aside before it is dropped. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** A log of bounded size. Each line is written at once: what was said before a crash is there after it. */
export class LogFile extends Writable {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number;
  #bytes: number;

  constructor(path: string, maxBytes: number = MAX_LOG_BYTES) {
    super({ decodeStrings: true });
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    try {
      if (this.#bytes > 0 && this.#bytes + chunk.length > this.#maxBytes) this.#rotate();
      writeSync(this.#file, chunk);
      this.#bytes += chunk.length;
    } catch {
      // A full disk loses lines of the log, and must not stop payments.
    }
    done();
  }

  override _final(done: () => void): void {
    closeSync(this.#file);
    done();
  }

  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, "a", 0o600);
    this.#bytes = 0;
  }
}
