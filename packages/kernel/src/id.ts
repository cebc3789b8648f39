/**
 * UUIDv7 (RFC 9562, section 5.7) and the prefixed ids that the API shows. A public id is its prefix and the
 * 32 hexadecimal digits of the UUID, so that SQL and people can turn one into the other at a glance.
 */

export type Uuid = string & { readonly __brand: "Uuid" };

const RANDOM_POOL_BYTES = 4096;
const randomPool = new Uint8Array(RANDOM_POOL_BYTES);
let randomOffset = RANDOM_POOL_BYTES;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A new UUIDv7 for the given instant. Ids of one millisecond are in random order.
 * @param nowMs milliseconds since the Unix epoch, 0 to 2^48 - 1
 */
export function uuidv7(nowMs: number): Uuid {
  if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs >= 2 ** 48) throw new RangeError(`no UUIDv7 for ${nowMs} ms`);
  const at = takeRandom(10);
  const time = nowMs.toString(16).padStart(12, "0");
  const a = randomPool;
  const version = HEX[0x70 | (byteAt(a, at) & 0x0f)];
  const variant = HEX[0x80 | (byteAt(a, at + 2) & 0x3f)];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hexAt(a, at + 1)}-${variant}${hexAt(a, at + 3)}-${hexAt(a, at + 4)}${hexAt(a, at + 5)}${hexAt(a, at + 6)}${hexAt(a, at + 7)}${hexAt(a, at + 8)}${hexAt(a, at + 9)}` as Uuid;
}

/** The instant in a UUIDv7, in milliseconds since the Unix epoch. */
export function uuidTimeMs(uuid: Uuid): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The prefixes of public ids. One entry a kind of thing. */
export const idPrefixes = {
  payment: "pay_",
  refund: "re_",
  operation: "op_",
  event: "evt_",
  merchant: "mer_",
  token: "tok_",
  charge: "ch_",
} as const;

export type IdKind = keyof typeof idPrefixes;

/** `payment`, `0190…` -> `pay_0190…`: the form the API shows. */
export function publicId(kind: IdKind, uuid: Uuid): string {
  return idPrefixes[kind] + uuid.replaceAll("-", "");
}

/** The UUID in a public id, or undefined when the text is no id of that kind. */
export function parsePublicId(kind: IdKind, text: string): Uuid | undefined {
  const prefix = idPrefixes[kind];
  if (!text.startsWith(prefix)) return undefined;
  const hex = text.slice(prefix.length);
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for the lower-case text form of any UUID. */
export function isUuid(text: string): text is Uuid {
  return UUID.test(text);
}

function takeRandom(bytes: number): number {
  if (randomOffset + bytes > RANDOM_POOL_BYTES) {
    globalThis.crypto.getRandomValues(randomPool);
    randomOffset = 0;
  }
  const at = randomOffset;
  randomOffset += bytes;
  return at;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function hexAt(bytes: Uint8Array, index: number): string {
  return HEX[byteAt(bytes, index)] as string;
}
