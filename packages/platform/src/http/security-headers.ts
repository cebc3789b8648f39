import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";

/** Headers as Node's writeHead takes them fastest: name, value, name, value. */
export type FlatHeaders = readonly string[];

/** For answers in JSON: nothing may be loaded, framed, sniffed or kept. */
export const apiHeaders: FlatHeaders = [
  ...helmetHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: "deny" },
    // What follows guards pages that browsers of 2015 render; an answer in JSON is none.
    xDownloadOptions: false,
    xDnsPrefetchControl: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
    crossOriginOpenerPolicy: false,
  }),
  "cache-control",
  "no-store",
];

/** For a page that carries its own style, named by its hash, and no script. */
export function pageHeaders(styleHash: string): FlatHeaders {
  return helmetHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'sha256-${styleHash}'`],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: "deny" },
  });
}

type HelmetOptions = NonNullable<Parameters<typeof helmet>[0]>;

/** What helmet would set on every answer, computed once. */
function helmetHeaders(options: HelmetOptions): FlatHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => {});
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}
