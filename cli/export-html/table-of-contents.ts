import { type Html, escapeHtml, html } from "./html.ts";
import type { Heading } from "./markdown.ts";

const deepest = 3;

/** The page's contents from its headings; undefined for a page that is too short for one. */
export function tableOfContents(headings: readonly Heading[]): Html | undefined {
  const shown = headings.filter((heading) => heading.level <= deepest && heading.title !== "");
  if (shown.length < 3) return undefined;
  const items = shown.map(
    ({ id, level, title }) =>
      html`<li class="nb-level-${level}">
        <a href="#${escapeHtml(encodeURIComponent(id))}">${escapeHtml(title)}</a>
      </li>`,
  );
  return html`<nav class="nb-contents" aria-label="Contents">
    <details open data-nb-contents>
      <summary>Contents</summary>
      <ol>
        ${items}
      </ol>
    </details>
  </nav>`;
}
