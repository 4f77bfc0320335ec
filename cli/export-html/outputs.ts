/** @file Outputs of code cells to HTML: the richest form that is safe in a page that runs no script of the notebook's. */
import { type CellOutput, type ErrorCellOutput, joinText } from "../../jupyter/notebook-file.ts";
import { ansiToHtml } from "./ansi.ts";
import { type Html, escapeHtml, html, trusted } from "./html.ts";
import { imageEmbedder, imageOutput, imageTypes } from "./images.ts";
import { jsonTree } from "./json-tree.ts";
import { renderMath } from "./math.ts";
import { bundleText } from "./bundle-text.ts";
import type { PageContext } from "./page-context.ts";
import { plotlyType } from "./plotly-output.ts";
import { sanitizeHtml } from "./sanitize-html.ts";

type Bundle = Readonly<Record<string, unknown>>;

const longOutputLines = 24;

/** Printed text; long text gets a region of its own that scrolls and can be opened. */
export function textOutput(text: string, label: string, className: string): Html {
  const content = ansiToHtml(text.replace(/\n$/, ""));
  const lines = content.split("\n").length;
  const classes = trusted(`nb-text ${className}`.trim());
  if (lines <= longOutputLines) return html`<pre class="${classes}">${content}</pre>`;
  return html`<div class="nb-long-text">
    <pre class="${classes} nb-long" tabindex="0" role="region" aria-label="${escapeHtml(label)}">
${content}</pre>
    <button type="button" class="nb-button nb-expand" aria-expanded="false" data-nb-expand hidden>
      Show all ${lines} lines
    </button>
  </div>`;
}

function plainText(bundle: Bundle): string {
  return bundleText(bundle["text/plain"]);
}

function note(text: string): Html {
  return html`<p class="nb-note">${escapeHtml(text)}</p>`;
}

function htmlOutput(bundle: Bundle, id: string, context: PageContext): Html {
  const source = bundleText(bundle["text/html"]);
  const clean = sanitizeHtml(source, {
    scopeId: id,
    styles: context.styles,
    embedImage: imageEmbedder({}, context.baseDirectory),
  });
  if (!clean.leftOutActiveContent) return html`<div class="nb-html">${clean.html}</div>`;
  const shown =
    clean.html.replace(/<[^>]*>/g, "").trim() === ""
      ? textOutput(plainText(bundle), "Output", "")
      : html`<div class="nb-html">${clean.html}</div>`;
  return html`${shown}${note("This output has scripts or frames, which are left out here. Open the notebook to see it whole.")}`;
}

function latexOutput(source: string): Html {
  const text = source.trim();
  const inner =
    /^\$\$([\s\S]*)\$\$$/.exec(text) ?? /^\$([\s\S]*)\$$/.exec(text) ?? /^\\\[([\s\S]*)\\\]$/.exec(text);
  return renderMath(inner?.[1] ?? text, true);
}

function figureLabel(bundle: Bundle): string {
  const text = plainText(bundle).trim();
  return text === "" || text.length > 200 ? "Chart" : text;
}

function record(value: unknown): Bundle {
  // SAFETY: any object that isn't null can be read by property name.
  return typeof value === "object" && value !== null ? (value as Bundle) : {};
}

function imageOf(bundle: Bundle, metadata: Bundle): Html | undefined {
  for (const type of imageTypes) {
    const data = bundleText(bundle[type]);
    if (data === "") continue;
    const text = plainText(bundle).trim();
    const label = text === "" || text.startsWith("<") || text.length > 200 ? "Image output" : text;
    return imageOutput(type, data, { ...metadata, ...record(metadata[type]) }, label);
  }
  return undefined;
}

/** The richest form of a MIME bundle, in Jupyter's order. */
function bundleOutput(bundle: Bundle, metadata: Bundle, id: string, context: PageContext): Html {
  if (plotlyType in bundle) {
    const fallback =
      imageOf(bundle, metadata) ?? html`<pre class="nb-text">${escapeHtml(figureLabel(bundle))}</pre>`;
    const figure = context.figures.add(bundle[plotlyType], figureLabel(bundle), fallback);
    if (figure !== undefined) return figure;
  }
  if (bundleText(bundle["text/html"]) !== "") return htmlOutput(bundle, id, context);
  if ("text/markdown" in bundle)
    return html`<div class="nb-markdown">
      ${context.markdown.render(bundleText(bundle["text/markdown"]), {
        scopeId: id,
        styles: context.styles,
        embedImage: imageEmbedder({}, context.baseDirectory),
      })}
    </div>`;
  if ("text/latex" in bundle) return latexOutput(bundleText(bundle["text/latex"]));
  const image = imageOf(bundle, metadata);
  if (image !== undefined) return image;
  if ("application/json" in bundle) return jsonTree(bundle["application/json"]);
  const text = textOutput(plainText(bundle), "Output", "");
  if ("application/vnd.jupyter.widget-view+json" in bundle)
    return html`${text}${note("An interactive widget: open the notebook to use it.")}`;
  if ("application/javascript" in bundle && plainText(bundle) === "")
    return note("A script, which is not run here.");
  return text;
}

function errorOutput(output: ErrorCellOutput): Html {
  const headline = output.evalue === "" ? output.ename : `${output.ename}: ${output.evalue}`;
  const trace = output.traceback.join("\n");
  return html`<div class="nb-error" role="group" aria-label="Error">
    ${textOutput(trace === "" ? headline : trace, "Error", "nb-trace")}
  </div>`;
}

/** Neighbouring pieces of one stream are one text, so that a progress bar ends as its last state. */
function mergeStreams(outputs: readonly CellOutput[]): CellOutput[] {
  const merged: CellOutput[] = [];
  for (const output of outputs) {
    const last = merged.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name)
      merged[merged.length - 1] = { ...last, text: joinText(last.text) + joinText(output.text) };
    else merged.push(output);
  }
  return merged;
}

function outputHtml(output: CellOutput, id: string, context: PageContext): Html {
  if (output.output_type === "error") return errorOutput(output);
  if (output.output_type !== "stream") return bundleOutput(output.data, output.metadata, id, context);
  const isError = output.name === "stderr";
  return textOutput(
    joinText(output.text),
    isError ? "Standard error" : "Printed output",
    isError ? "nb-stderr" : "",
  );
}

/** All outputs of a cell. */
export function outputsHtml(outputs: readonly CellOutput[], cellId: string, context: PageContext): Html[] {
  return mergeStreams(outputs).map((output, index) => {
    const id = `${cellId}-output-${index + 1}`;
    return html`<div class="nb-output" id="${escapeHtml(id)}">${outputHtml(output, id, context)}</div>`;
  });
}
