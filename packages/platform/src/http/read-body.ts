import type { IncomingMessage } from "node:http";
import { Problem } from "@kassa/contracts/problem";

/** The client went away before its request was whole; nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/**
 * The bytes of a request's body.
 * @throws Problem body_too_large beyond `limitBytes`, known from Content-Length or seen on the way
 * @throws ClientGone
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const declared = request.headers["content-length"];
  if (declared !== undefined && Number(declared) > limitBytes) return Promise.reject(tooLarge(limitBytes));
  // It left while its key was looked up: what closed before we listen would never tell us.
  if (request.destroyed) return Promise.reject(gone());
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) {
        request.removeAllListeners("data");
        request.pause();
        reject(tooLarge(limitBytes));
      } else if (first === undefined) first = chunk;
      else if (rest === undefined) rest = [first, chunk];
      else rest.push(chunk);
    });
    let isRead = false;
    request.on("end", () => {
      isRead = true;
      resolve(rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest, size));
    });
    request.on("error", () => reject(gone()));
    // Also when all of it had arrived: what nobody has read yet goes with the connection.
    request.on("close", () => {
      if (!isRead) reject(gone());
    });
  });
}

/** True when the headers announce a body. */
export function hasBody(request: IncomingMessage): boolean {
  const declared = request.headers["content-length"];
  return declared === undefined ? request.headers["transfer-encoding"] !== undefined : declared !== "0";
}

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** @throws Problem unsupported_media_type unless the body is plain UTF-8 JSON by its headers */
export function requireJsonHeaders(request: IncomingMessage): void {
  const type = request.headers["content-type"];
  if (type !== "application/json" && (type === undefined || !JSON_TYPE.test(type))) {
    throw new Problem("unsupported_media_type", "Send the body as application/json in UTF-8.");
  }
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new Problem("unsupported_media_type", "Send the body without Content-Encoding.");
  }
}

function gone(): ClientGone {
  return new ClientGone("the request broke off");
}

function tooLarge(limitBytes: number): Problem {
  return new Problem("body_too_large", `The body may have up to ${limitBytes} bytes.`);
}
