import { randomBytes } from "node:crypto";

/** Random hexadecimal digits are drawn in blocks: one call of the generator for every 256 traces. */
const POOL_DIGITS = 16_384;

let pool = "";
let offset = POOL_DIGITS;

/** 32 hexadecimal digits, never all zero. */
export function newTraceId(): string {
  return takeDigits(32);
}

/** 16 hexadecimal digits, never all zero. */
export function newSpanId(): string {
  return takeDigits(16);
}

function takeDigits(count: number): string {
  if (offset + count > POOL_DIGITS) {
    pool = randomBytes(POOL_DIGITS / 2).toString("hex");
    offset = 0;
  }
  const digits = pool.slice(offset, offset + count);
  offset += count;
  // W3C forbids ids of zeros alone; one in 2^64 draws is worth a word, not a loop.
  return digits.startsWith("00000000") ? `1${digits.slice(1)}` : digits;
}
