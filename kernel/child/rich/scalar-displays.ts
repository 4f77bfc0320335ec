/** @file Dates, functions, errors, Maps and Sets as HTML beside their usual text. */
import type { MimeBundle } from "../protocol.ts";
import { stripVTControlCharacters, types } from "node:util";
import { columnType } from "../tables/column-type.ts";
import { escapeHtml } from "./escape-html.ts";
import { inspectText } from "./inspect-text.ts";
import { clip, formatCount, formatDate } from "./preview.ts";
import { isClass, readAny, readOwn, thrownText, typeName } from "./safe-read.ts";
import { styled } from "./style.ts";
import { tableHtml } from "./table-display.ts";

const shownEntries = 20;
const shownSourceLines = 20;

/** A date in ISO 8601 with its weekday and local time. */
export function dateBundle(value: Date): MimeBundle {
  const iso = formatDate(value);
  if (iso === "Invalid Date") return { "text/plain": iso };
  const local = new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(Date.prototype.getTime.call(value));
  return {
    "text/html": styled(
      `<time datetime="${iso}">${iso}</time> <span class="tn-note">${escapeHtml(local)}</span>`,
    ),
    "text/plain": iso,
  };
}

/** A function's or class's source, its first lines. */
export function functionBundle(value: object): MimeBundle {
  const text = inspectText(value);
  let source: string;
  try {
    source = Function.prototype.toString.call(value);
  } catch {
    return { "text/plain": text };
  }
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source.slice(-40))) return { "text/plain": text };
  const lines = clip(source, 4000).split("\n");
  const indent = Math.min(
    ...lines
      .slice(1)
      .filter((line) => line.trim() !== "")
      .map((line) => line.length - line.trimStart().length),
  );
  const head = lines
    .slice(0, shownSourceLines)
    .map((line, index) => (index > 0 && Number.isFinite(indent) ? line.slice(indent) : line));
  const more = lines.length - head.length;
  const name = readOwn(value, "name");
  const title = `${isClass(value) ? "class" : "function"} ${typeof name === "string" && name !== "" ? name : "(anonymous)"}`;
  return {
    "text/html": styled(
      `<p class="tn-head"><b>${escapeHtml(clip(title, 200))}</b></p><pre class="tn-code">${escapeHtml(head.join("\n"))}` +
        `${more > 0 ? `\n<span class="tn-dim">… ${more} more lines</span>` : ""}</pre>`,
    ),
    "text/plain": text,
  };
}

/** An error as a value: its name, message and stack; `describe` gives the stack that people should see. */
export function errorBundle(value: Error, describe: ((error: Error) => string) | undefined): MimeBundle {
  let text: string;
  try {
    text = stripVTControlCharacters(describe?.(value) ?? inspectText(value));
  } catch (thrown) {
    text = `[unprintable error: ${thrownText(thrown)}]`;
  }
  const message = readAny(value, "message");
  const name = readAny(value, "name");
  const title = typeof name === "string" && name !== "" ? name : typeName(value);
  const body = typeof message === "string" ? message : "";
  return {
    "text/html": styled(
      `<div class="tn-error"><p class="tn-head"><b>${escapeHtml(clip(title, 200))}</b>: ${escapeHtml(clip(body, 2000))}</p>` +
        `<details><summary class="tn-note">stack</summary><pre class="tn-code">${escapeHtml(clip(text, 8000))}</pre></details></div>`,
    ),
    "text/plain": text,
  };
}

/** The first entries of a Map or Set as a table. */
export function collectionBundle(value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): MimeBundle {
  const text = inspectText(value);
  if (value.size === 0) return { "text/plain": text };
  const isMap = types.isMap(value);
  const rows: unknown[][] = [];
  // SAFETY: the parameter is a Map or a Set, and where it is no Map it is a Set.
  const entries = isMap
    ? Map.prototype.entries.call(value)
    : Set.prototype.values.call(value as Set<unknown>);
  for (const entry of entries) {
    if (rows.length >= shownEntries) break;
    // SAFETY: a Map's entries are pairs.
    rows.push(isMap ? [...(entry as [unknown, unknown])] : [entry]);
  }
  const names = isMap ? ["key", "value"] : ["value"];
  const kind = isMap ? "Map" : "Set";
  const shown = rows.length < value.size ? `, first ${rows.length} shown` : "";
  const columns = names.map((name, column) => ({ name, type: columnType(rows.map((row) => row[column])) }));
  const html = tableHtml({
    kind,
    columns,
    rows,
    rowCount: value.size,
    columnCount: names.length,
    indexed: !isMap,
  });
  const note = `${typeName(value)} of ${formatCount(value.size)} ${value.size === 1 ? "entry" : "entries"}${shown}`;
  return {
    "text/html": styled(
      html.replace(/<p class="tn-note">[^<]*<\/p>$/, `<p class="tn-note">${escapeHtml(note)}</p>`),
    ),
    "text/plain": text,
  };
}
