import { hash } from "node:crypto";

/** Stands for the content of a request: equal for equal parts in equal order, different for any other. */
export function fingerprintOf(...parts: readonly (string | number | boolean)[]): string {
  return hash("sha256", JSON.stringify(parts), "base64url");
}
