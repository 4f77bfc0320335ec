/** @file Parts that a profile and a comparison share: their compact form in a notebook, and a table of columns in the page. */
import { html, type Html } from "../../html.ts";
import { scrollable } from "./report-charts.ts";

/** What a compact form shows. */
export interface CompactReport {
  readonly headline: string;
  /** The row of the table's head, and those of its body. */
  readonly head: Html;
  readonly rows: readonly Html[];
  readonly findings: readonly string[];
  /** What is left out; empty where nothing is. */
  readonly more: string;
}

/** A report as a notebook's output. */
export function compactReport({ headline, head, rows, findings, more }: CompactReport): Html {
  const items = findings.map((text) => html`<li style="margin:2px 0">${text}</li>`);
  return html`<div>
    <p style="margin:0 0 .5em">${headline}</p>
    <div style="overflow-x:auto">
      <table>
        <thead>
          ${head}
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${
      items.length > 0 &&
      html`<p style="margin:.8em 0 .2em"><b>To look at</b></p>
        <ul style="margin:0">
          ${items}
        </ul>`
    }${more !== "" && html`<p style="opacity:.78;margin:.5em 0 0">${more}</p>`}
  </div>`;
}

/** A table of columns with the field that filters it by their names. */
export function filteredColumns(table: Html): Html {
  return html`<div class="rp-filter">
      <label data-rp-filter hidden
        >Columns with <input type="search" placeholder="a part of the name" autocomplete="off" /></label
      ><span data-rp-filter-status role="status"></span>
    </div>
    ${scrollable(table, "Table of columns")}`;
}
