/** @file JSON outputs as a tree that opens and closes without a script. */
import { type Html, escapeHtml, html, trusted } from "./html.ts";

const largestTree = 2000;
const openLevels = 1;

function count(value: unknown, limit: number): number {
  if (typeof value !== "object" || value === null) return 1;
  let total = 1;
  for (const child of Object.values(value)) {
    total += count(child, limit - total);
    if (total > limit) break;
  }
  return total;
}

function leaf(value: unknown): Html {
  const kind =
    value === null || typeof value === "boolean"
      ? "keyword"
      : typeof value === "string"
        ? "string"
        : "number";
  return html`<span class="nb-${trusted(kind)}">${escapeHtml(JSON.stringify(value) ?? "null")}</span>`;
}

function node(key: Html | undefined, value: unknown, level: number): Html {
  const label = key === undefined ? undefined : html`<span class="nb-property">${key}</span>: `;
  if (typeof value !== "object" || value === null) return html`<li>${label}${leaf(value)}</li>`;
  const entries = Object.entries(value);
  const brackets = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0) return html`<li>${label}${escapeHtml(Array.isArray(value) ? "[]" : "{}")}</li>`;
  const children = entries.map(([name, child]) => node(escapeHtml(name), child, level + 1));
  const open = trusted(level < openLevels ? " open" : "");
  return html`<li><details${open}><summary>${label}<span class="nb-faint">${escapeHtml(brackets)}</span></summary><ul>${children}</ul></details></li>`;
}

function indented(value: unknown): Html {
  const text = JSON.stringify(value, undefined, 2) ?? "null";
  return html`<pre class="nb-text nb-long" tabindex="0" role="region" aria-label="JSON">
${escapeHtml(text)}</pre>`;
}

/** A value as a tree; a very large one as indented text. */
export function jsonTree(value: unknown): Html {
  try {
    if (count(value, largestTree) > largestTree) return indented(value);
    return html`<ul class="nb-json">
      ${node(undefined, value, 0)}
    </ul>`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return html`<p class="nb-note">A JSON value that is nested too deeply to show.</p>`;
  }
}
