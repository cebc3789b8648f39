import type { Route } from "@kassa/contracts/route";
import type { Express } from "express";
import { docsPage } from "./docs-page.ts";
import { openApiDocument } from "./openapi.ts";
import { apiHeaders, type FlatHeaders, pageHeaders } from "./security-headers.ts";

/** GET /openapi.json and GET /docs, both made once, when first asked for. */
export function documentRoutes(app: Express, routes: readonly Route[], title: string): void {
  const document = once(() => openApiDocument(routes, { title }));
  const json = once((): Page => ({ text: JSON.stringify(document()), type: "application/json", headers: apiHeaders }));
  const html = once((): Page => {
    const { text, styleHash } = docsPage(document());
    return { text, type: "text/html; charset=utf-8", headers: pageHeaders(styleHash) };
  });
  for (const [path, page] of [
    ["/openapi.json", json],
    ["/docs", html],
  ] as const) {
    app.get(path, (_req, res) => {
      const { text, type, headers } = page();
      res.writeHead(200, [...headers, "content-type", type, "content-length", String(Buffer.byteLength(text))]);
      res.end(text);
    });
  }
}

type Page = { readonly text: string; readonly type: string; readonly headers: FlatHeaders };

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
