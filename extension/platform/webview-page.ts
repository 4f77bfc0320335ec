/** @file The frame of all pages: their HTML under a strict policy, and the extension's end of the bridge to them. */
import { randomBytes } from "node:crypto";
import { type Disposable, Uri, type Webview, env } from "vscode";
import * as v from "valibot";
import type { Services } from "./services.ts";

/** A page that the build writes to `dist/webviews/NAME`. */
export interface PageSource<FromPage> {
  readonly name: string;
  /** The title that assistive technology reads. */
  readonly title: string;
  /** What stands in the page's body before its script runs. */
  readonly body: string;
  /** What the page may say. */
  readonly fromPage: v.GenericSchema<unknown, FromPage>;
}

/**
 * Puts a page into a webview: one script and one style of ours, and nothing else. Calls `onMessage` with what the page
 * says; anything that is not of its protocol goes to the log.
 */
export function openPage<FromPage>(
  webview: Webview,
  page: PageSource<FromPage>,
  services: Services,
  onMessage: (message: FromPage) => void,
): Disposable {
  webview.options = {
    enableScripts: true,
    localResourceRoots: [Uri.file(services.file("dist/webviews", page.name))],
  };
  const subscription = webview.onDidReceiveMessage((message: unknown) => {
    const parsed = v.safeParse(page.fromPage, message);
    if (parsed.success) onMessage(parsed.output);
    else services.log.error(`a message of the page ${page.name}`, v.summarize(parsed.issues));
  });
  webview.html = pageHtml(webview, page, services);
  return subscription;
}

function pageHtml(
  webview: Webview,
  { name, title, body }: Pick<PageSource<unknown>, "name" | "title" | "body">,
  services: Services,
): string {
  const nonce = randomBytes(16).toString("base64");
  const asset = (file: string): string =>
    webview.asWebviewUri(Uri.file(services.file("dist/webviews", name, file))).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join("; ");
  const text = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  // The style's id is where the component library looks for the icons.
  return `<!doctype html>
<html lang="${env.language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${text}</title>
    <link rel="stylesheet" id="vscode-codicon-stylesheet" href="${asset("page.css")}" />
  </head>
  <body>
    ${body}
    <script nonce="${nonce}" src="${asset("page.js")}"></script>
  </body>
</html>`;
}
