import { createHmac } from "node:crypto";

/**
 * HMAC-SHA256 of the body in canonical form (members sorted, as RFC 8785 orders them). Keyed, because a body may hold a
 * card number, which must not be guessable from what is stored.
 */
export function fingerprint(secret: string, body: unknown): Buffer {
  return createHmac("sha256", secret).update(canonical(body)).digest();
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
