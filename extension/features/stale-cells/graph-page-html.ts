/** @file The graph page's HTML: one script and one style of ours, under a policy that allows nothing else. */
import { randomBytes } from "node:crypto";
import { Uri, type Webview, env } from "vscode";
import type { Services } from "../../platform/services.ts";

/** The page, empty until it is sent a graph. */
export function pageHtml(webview: Webview, { file }: Services): string {
  const nonce = randomBytes(16).toString("base64");
  const asset = (name: string): string =>
    webview.asWebviewUri(Uri.file(file("dist/webviews/notebook-graph", name))).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join("; ");
  return `<!doctype html>
<html lang="${env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Notebook Graph</title>
    <link rel="stylesheet" href="${asset("page.css")}" />
  </head>
  <body>
    <header>
      <h1></h1>
      <button type="button" class="run-stale" hidden></button>
    </header>
    <main></main>
    <script nonce="${nonce}" src="${asset("page.js")}"></script>
  </body>
</html>`;
}
