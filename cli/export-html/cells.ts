/** @file A notebook's cells to HTML. */
import { type Cell, type CodeCell, type MarkdownCell, joinText } from "../../jupyter/notebook-file.ts";
import { cellTiming, formatDuration } from "./cell-timing.ts";
import { highlightCode } from "./highlight.ts";
import { type Html, escapeHtml, html } from "./html.ts";
import { imageEmbedder } from "./images.ts";
import { outputsHtml } from "./outputs.ts";
import type { PageContext } from "./page-context.ts";

const copyIcon = html`<svg viewBox="0 0 16 16" aria-hidden="true">
  <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
  <path d="M10.5 3.5v-.5a1.5 1.5 0 0 0-1.5-1.5h-5a1.5 1.5 0 0 0-1.5 1.5v5a1.5 1.5 0 0 0 1.5 1.5h.5" />
</svg>`;

function markdownCell(cell: MarkdownCell, id: string, context: PageContext): Html {
  const body = context.markdown.render(joinText(cell.source), {
    scopeId: id,
    styles: context.styles,
    embedImage: imageEmbedder(cell.attachments ?? {}, context.baseDirectory),
  });
  return html`<div class="nb-cell nb-markdown" id="${escapeHtml(id)}">${body}</div>`;
}

function codeCell(cell: CodeCell, id: string, position: number, context: PageContext): Html {
  const source = joinText(cell.source).replace(/\s+$/, "");
  const count = cell.execution_count;
  const timing = cellTiming(cell.metadata);
  const failed = cell.outputs.some((output) => output.output_type === "error");
  const outputs = outputsHtml(cell.outputs, id, context);
  if (source === "" && outputs.length === 0) return html``;
  const label = escapeHtml(count === null ? `Code cell ${position}` : `Code cell ${position}, run ${count}`);
  const duration = timing === undefined ? undefined : escapeHtml(formatDuration(timing.seconds));
  const input = html`<div class="nb-input">
    <span class="nb-count" aria-hidden="true">${count ?? html`&nbsp;`}</span>
    <pre
      class="nb-source"
      tabindex="0"
      role="region"
      aria-label="${label}: source"
    ><code>${highlightCode(source, context.language)}</code></pre>
    <div class="nb-tools">
      <button type="button" class="nb-button nb-copy" data-nb-copy hidden aria-label="Copy the code">
        ${copyIcon}
      </button>
      ${duration !== undefined && html`<span class="nb-duration" title="Time this cell ran">${duration}</span>`}
    </div>
  </div>`;
  return html`<div
    class="nb-cell nb-code${failed && html` nb-failed`}"
    id="${escapeHtml(id)}"
    role="group"
    aria-label="${label}"
  >
    ${source !== "" && input}${outputs.length > 0 && html`<div class="nb-outputs">${outputs}</div>`}
  </div>`;
}

/** All cells, in order. Raw cells are for other formats and are shown as plain text. */
export function cellsHtml(cells: readonly Cell[], context: PageContext): Html[] {
  let position = 0;
  return cells.map((cell, index) => {
    const id = `nb-cell-${index + 1}`;
    if (cell.cell_type === "markdown") return markdownCell(cell, id, context);
    if (cell.cell_type === "raw")
      return html`<pre class="nb-cell nb-raw">${escapeHtml(joinText(cell.source))}</pre>`;
    position += 1;
    return codeCell(cell, id, position, context);
  });
}
