/**
 * @file An executed notebook as one stand-alone HTML file. It loads nothing from anywhere, and its policy lets
 * only the page's own script run: nothing that a notebook's cells or outputs contain becomes active.
 */
import { createHash } from "node:crypto";
import type { Notebook } from "../../jupyter/notebook-file.ts";
import { cellTiming, formatDuration } from "./cell-timing.ts";
import { cellsHtml } from "./cells.ts";
import { type Html, escapeHtml, html, rawElement } from "./html.ts";
import { mathStyleSheet } from "./math.ts";
import { readAsset } from "./page-assets.ts";
import { createPageContext } from "./page-context.ts";
import { tableOfContents } from "./table-of-contents.ts";

export interface ExportHtmlOptions {
  /** The page's title, shown where the notebook has no heading of its own. */
  readonly title: string;
  /** The notebook's folder: images in it that Markdown cells show are embedded. */
  readonly baseDirectory?: string | undefined;
}

function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function contentSecurityPolicy(scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(sha256).join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function readName(metadata: unknown, ...path: readonly string[]): string | undefined {
  let value = metadata;
  for (const name of path)
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What ran, how much and when, in one line. */
function summary(notebook: Notebook): Html {
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const timings = code.map((cell) => cellTiming(cell.metadata)).filter((timing) => timing !== undefined);
  const ended = timings.reduce((last, { end }) => Math.max(last, end.getTime()), 0);
  const parts = [
    readName(notebook.metadata, "kernelspec", "display_name"),
    `${code.length} code ${code.length === 1 ? "cell" : "cells"}`,
    timings.length > 0
      ? `ran for ${formatDuration(timings.reduce((total, { seconds }) => total + seconds, 0))}`
      : undefined,
    ended > 0
      ? new Date(ended).toLocaleDateString("en-GB", {
          day: "numeric",
          month: "long",
          year: "numeric",
          timeZone: "UTC",
        })
      : undefined,
  ].filter((part) => part !== undefined);
  return html`<p class="nb-summary">${parts.map((part) => html`<span>${escapeHtml(part)}</span>`)}</p>`;
}

const mark = html`<svg class="nb-mark" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M2 4h9v5h5v6h-5v5H2z" />
  <path d="M22 4h-8v3h4v10h-4v3h8z" opacity=".55" />
</svg>`;
const themeIcon = html`<svg viewBox="0 0 16 16" aria-hidden="true">
  <circle cx="8" cy="8" r="6" />
  <path d="M8 2a6 6 0 0 1 0 12z" class="nb-fill" />
</svg>`;

function toolbar(title: string, hasCode: boolean): Html {
  return html`<header class="nb-bar">
    <a class="nb-brand" href="#nb-content" aria-label="To the top">${mark}</a
    ><span class="nb-title">${escapeHtml(title)}</span>
    <div class="nb-actions">
      ${hasCode && html`<button type="button" class="nb-button" data-nb-code aria-pressed="false" hidden>Hide code</button>`}<button
        type="button"
        class="nb-button nb-theme"
        data-nb-theme
        aria-label="Dark theme"
        aria-pressed="false"
        hidden
      >
        ${themeIcon}
      </button>
    </div>
  </header>`;
}

/** Writes an executed notebook as one HTML file that needs nothing else. */
export async function exportHtml(notebook: Notebook, options: ExportHtmlOptions): Promise<string> {
  const [pageStyles, pageScript] = await Promise.all([readAsset("page.css"), readAsset("page.js")]);
  const language =
    readName(notebook.metadata, "language_info", "name") ??
    readName(notebook.metadata, "kernelspec", "language");
  const context = createPageContext(language ?? "typescript", options.baseDirectory);
  const cells = cellsHtml(notebook.cells, context);
  const plotly = await context.figures.library();
  const contents = tableOfContents(context.markdown.headings);
  const ownHeading = context.markdown.headings.some((heading) => heading.level === 1);
  const styles = [pageStyles, await mathStyleSheet(cells.join("")), context.styles.toString()].filter(
    (sheet) => sheet !== "",
  );
  const policy = contentSecurityPolicy(plotly === undefined ? [pageScript] : [pageScript, plotly.source]);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}" />
        <meta http-equiv="x-dns-prefetch-control" content="off" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="Tenon" />
        <title>${escapeHtml(options.title)}</title>
        ${styles.map((sheet) => rawElement("style", sheet))} ${rawElement("script", pageScript)}
      </head>
      <body>
        <a class="nb-skip" href="#nb-content">Skip to the content</a>
        ${toolbar(
          options.title,
          notebook.cells.some((cell) => cell.cell_type === "code"),
        )}
        <div class="nb-layout${contents === undefined && html` nb-no-contents`}">
          ${contents}
          <main id="nb-content" tabindex="-1">
            ${!ownHeading && html`<h1>${escapeHtml(options.title)}</h1>`} ${summary(notebook)}
            ${cells.map((cell) => html`${cell} `)}
          </main>
        </div>
        ${plotly?.element}
      </body>
    </html> `;
}
