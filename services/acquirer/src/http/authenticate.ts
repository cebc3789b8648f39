import { hash, timingSafeEqual } from "node:crypto";
import type { Authenticator, InternalPrincipal } from "@kassa/platform/http";

const SCHEME = "Bearer ";

/** Lets in whoever shows the one token; compared in constant time. */
export function bearerAuthenticator(token: string): Authenticator<InternalPrincipal> {
  const expected = digest(token);
  const principal: InternalPrincipal = { caller: "merchant" };
  return (request) => {
    const header = request.header("authorization");
    if (header === undefined || !header.startsWith(SCHEME)) return undefined;
    return timingSafeEqual(digest(header.slice(SCHEME.length)), expected) ? principal : undefined;
  };
}

// Digests are equally long whatever the caller sent.
function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
