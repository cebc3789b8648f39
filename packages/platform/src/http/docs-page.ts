import { createHash } from "node:crypto";
import type { OpenApiDocument, OpenApiOperation, OpenApiResponse } from "./openapi.ts";

const style = `
:root{color-scheme:light dark;--line:#8886;--soft:#8882}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.2}
a.skip{position:absolute;left:-99rem}a.skip:focus{left:1rem}
nav ul{columns:20rem;padding-left:1.2rem}
section{border-top:1px solid var(--line);padding-top:.5rem;margin-top:2rem}
code,pre{font:14px/1.4 ui-monospace,monospace}
pre{background:var(--soft);padding:.8rem;overflow:auto;border-radius:.3rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
.method{font-weight:700}
`;

/** A readable page of an OpenAPI document: one file, no script, nothing loaded from elsewhere. */
export function docsPage(document: OpenApiDocument): { readonly text: string; readonly styleHash: string } {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const links = operations.map(
    ({ path, method, operation }) =>
      html`<li><a href="#${operation.operationId}"><span class="method">${method}</span> ${path}</a></li>`,
  );
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(document.info.title)} API</title><style>${style}</style></head>
<body><a class="skip" href="#operations">Skip to the operations</a>
<header><h1>${escapeHtml(document.info.title)} API</h1>
<p>Version ${escapeHtml(document.info.version)}. The same as a machine reads it: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p></header>
<nav aria-label="Operations"><ul>${links.join("")}</ul></nav>
<main id="operations">${operations.map(section).join("")}</main></body></html>`;
  return { text, styleHash: createHash("sha256").update(style).digest("base64") };
}

type Listed = { readonly path: string; readonly method: string; readonly operation: OpenApiOperation };

function section({ path, method, operation }: Listed): string {
  const { operationId: id, security } = operation;
  const scheme = Object.entries(security[0] ?? {})
    .map(([name, scopes]) => [name, ...(scopes as string[])].join(", scope "))
    .join();
  return [
    html`<section aria-labelledby="${id}"><h2 id="${id}"><code>${method} ${path}</code></h2><p>${operation.summary}.</p>`,
    operation.description === undefined ? "" : html`<p>${operation.description}</p>`,
    html`<p>Authentication: ${scheme === "" ? "none" : scheme}.</p>`,
    parametersTable(operation),
    operation.requestBody === undefined ? "" : `<h3>Body</h3>${contentText(operation.requestBody.content)}`,
    `<h3>Answers</h3>${answersTable(operation)}`,
    "</section>",
  ].join("");
}

function parametersTable({ parameters }: OpenApiOperation): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    (parameter) =>
      html`<tr><th scope="row"><code>${parameter.name}</code></th><td>${parameter.in}${parameter.required ? ", required" : ""}</td>` +
      html`<td>${parameter.description ?? ""}</td><td><code>${JSON.stringify(parameter.schema)}</code></td></tr>`,
  );
  const head = ["Name", "Where", "Meaning", "Schema"].map((name) => `<th scope="col">${name}</th>`).join("");
  return `<h3>Parameters</h3><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function answersTable({ responses }: OpenApiOperation): string {
  return Object.entries(responses)
    .map(([status, response]) => answerText(status, response))
    .join("");
}

function answerText(status: string, response: OpenApiResponse): string {
  const line = html`<p><strong>${status}</strong> ${response.description}</p>`;
  const isError = Number(status) >= 400;
  return isError || response.content === undefined ? line : line + contentText(response.content);
}

function contentText(content: NonNullable<OpenApiResponse["content"]>): string {
  return Object.values(content)
    .map(({ schema, example }) => {
      const shown = example === undefined ? "" : html`<p>Example</p><pre>${JSON.stringify(example, null, 2)}</pre>`;
      return `${shown}<details><summary>Schema</summary>${html`<pre>${JSON.stringify(schema, null, 2)}</pre>`}</details>`;
    })
    .join("");
}

/** A template whose every value is escaped. */
function html(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((text, part, index) => text + escapeHtml(values[index - 1] ?? "") + part);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
