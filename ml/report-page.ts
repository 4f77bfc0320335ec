/**
 * @file Reports as one stand-alone HTML file: the frame that all have. It loads nothing from anywhere, runs no script but
 * the page's own, can be read without it, and carries the report's data as JSON.
 *
 * The script and the styles are built from `webviews/report-page` and read as data.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { html, Html, onOneLine } from "./html.ts";

/** A report cannot be written: the folder is missing, or the installation lacks the page's parts. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

/** A part of a report, with an entry in its table of contents. */
export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** What a report says. */
export interface Report {
  readonly title: string;
  /** What it is about, in a few words each. */
  readonly summary: readonly string[];
  readonly sections: readonly ReportSection[];
  /** The data that it was made from, to be read out of the page again. */
  readonly data: unknown;
}

/**
 * A report as the text of an HTML file.
 * @throws {@link ReportError} where the page's script and styles are missing
 */
export async function reportHtml(report: Report): Promise<string> {
  const [styles, script] = await Promise.all([readAsset("page.css"), readAsset("page.js")]);
  const { title, summary, sections } = report;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <meta name="generator" content="Tenon" />
      <title>${title}</title>
      ${element("style", styles)}${element("script", script)}
    </head>
    <body>
      <a class="nb-skip" href="#nb-content">Skip to the content</a>
      <header class="nb-bar">
        <a class="nb-brand" href="#nb-content" aria-label="To the top">${mark}</a
        ><span class="nb-title">${title}</span>
        <div class="nb-actions">
          <label class="rp-theme" data-rp-theme hidden>
            <span>Theme</span>
            <select>
              <option value="system">System</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
              <option value="contrast">High contrast</option>
            </select>
          </label>
        </div>
      </header>
      <div class="nb-layout">
        <nav class="nb-contents" aria-label="Contents">
          <details open data-nb-contents>
            <summary>Contents</summary>
            <ol>
              ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ol>
          </details>
        </nav>
        <main id="nb-content" tabindex="-1">
          <h1>${title}</h1>
          <p class="nb-summary">${summary.map((part) => html`<span>${part}</span>`)}</p>
          ${sections.map(
            ({ id, title, body }) =>
              html`<section aria-labelledby="${id}">
                <h2 id="${id}">${title}</h2>
                ${new Html(onOneLine(body))}
              </section>`,
          )}
        </main>
      </div>
      ${dataBlock(report.data)}
    </body>
  </html>`;
  return `<!doctype html>\n${page.text}\n`;
}

/**
 * Writes a report's data: its page where the file ends in `.html`, JSON where it ends in `.json`; whole or not at all.
 * @throws {@link ReportError} where the file cannot be written, or ends in something else
 */
export async function saveData(file: string, data: unknown, page: () => Promise<string>): Promise<void> {
  const ending = extname(file).toLowerCase();
  if (ending === ".json") await saveText(`${JSON.stringify(data)}\n`, file);
  else if (ending === ".html" || ending === ".htm") await saveText(await page(), file);
  else throw new ReportError(`cannot write ${file}: a report is written as .html or as .json`);
}

async function saveText(text: string, file: string): Promise<void> {
  const path = resolve(file);
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true });
    throw new ReportError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** A `script` or `style` with exactly this content: a policy's hash is of every character in it. */
function element(name: "script" | "style", content: string): Html {
  return new Html(`<${name}>${content}</${name}>`);
}

/** JSON that no text in it can end. */
function dataBlock(data: unknown): Html {
  return new Html(
    `<script type="application/json" id="tenon-report">${JSON.stringify(data).replaceAll("<", String.raw`\u003c`)}</script>`,
  );
}

const mark = html`<svg class="nb-mark" viewBox="0 0 24 24" aria-hidden="true">
  <path d="M2 4h9v5h5v6h-5v5H2z" />
  <path d="M22 4h-8v3h4v10h-4v3h8z" opacity=".55" />
</svg>`;

let assets: string | undefined;

async function readAsset(name: string): Promise<string> {
  assets ??= findAssets();
  try {
    return await readFile(join(assets, name), "utf8");
  } catch (cause) {
    throw new ReportError(`the report's ${name} is missing: run \`npm run build\`, or install tenon again`, {
      cause,
    });
  }
}

function findAssets(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = join(folder, "dist", "webviews", "report-page");
    if (existsSync(found)) return found;
    const parent = dirname(folder);
    if (parent === folder)
      throw new ReportError("the report's page is not built: run `npm run build`, or install tenon again");
    folder = parent;
  }
}
