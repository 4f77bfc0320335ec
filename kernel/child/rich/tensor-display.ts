/** @file Tensors: element type, dimensions, a summary and the first values. */
import type { MimeBundle } from "../protocol.ts";
import { tensorTable, type TensorView } from "../tables/tensor-table.ts";
import { headAndTail, summarise, summaryParts } from "./array-display.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatCount } from "./preview.ts";
import { styled } from "./style.ts";
import { tableHead, tableHtml } from "./table-display.ts";

/** `Tensor float32 [2 × 3]` with what can be said of its values. */
export function tensorBundle(view: TensorView): MimeBundle {
  const shape = view.dimensions.length === 0 ? "scalar" : view.dimensions.map(formatCount).join(" × ");
  const where = view.location === undefined || view.location === "cpu" ? "" : ` on ${view.location}`;
  const title = `Tensor ${view.elementType} [${shape}]${where}`;
  if (view.values === undefined || view.size === 0) {
    return { "text/html": styled(`<p class="tn-head"><b>${escapeHtml(title)}</b></p>`), "text/plain": title };
  }
  const summary = view.size > 1 ? summarise(view.values) : undefined;
  const parts = summary === undefined ? { html: "", text: "" } : summaryParts(summary);
  const line = headAndTail(view.values);
  const table = view.dimensions.length === 2 ? tensorTable(view) : undefined;
  const body =
    table === undefined ? `<pre class="tn-code">[${escapeHtml(line)}]</pre>` : tableHtml(tableHead(table));
  return {
    "text/html": styled(`<p class="tn-head"><b>${escapeHtml(title)}</b></p>${parts.html}${body}`),
    "text/plain": [title, `[${line}]`, parts.text].filter((text) => text !== "").join("\n"),
  };
}
