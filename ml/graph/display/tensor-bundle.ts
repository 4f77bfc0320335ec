/**
 * @file How a notebook shows a tensor: element type, shape, and the values as a table (up to two axes) and as text in
 * brackets, as NumPy prints arrays.
 *
 * Of long axes only both ends are shown. Colours are those of the page, so that light and dark themes read alike.
 */
import type { MimeBundle } from "../../notebook-host.ts";
import { isFloat } from "../dtype.ts";
import { GraphError, RuntimeError } from "../errors.ts";
import { evaluate } from "../evaluate.ts";
import type { TensorData } from "../runtime/tensor-data.ts";
import { strides, type Shape } from "../shape.ts";
import type { Value } from "../value.ts";
import { elementReader, formatElements } from "./numbers.ts";

const edge = 3;
const shownElements = 1000;
const tableRows = 20;
const tableColumns = 12;

/** The MIME bundle of a value: computed where that is possible, else described with the reason. */
export async function tensorBundle(value: Value): Promise<MimeBundle> {
  const title = `Tensor ${value.dtype} ${showSizes(value.shape)}`;
  let data: TensorData | undefined;
  try {
    [data] = await evaluate([value]);
  } catch (error) {
    if (!(error instanceof GraphError || error instanceof RuntimeError)) throw error;
    return bundle(
      title,
      `not computed: ${error.message}`,
      `<p>not computed: ${escapeHtml(error.message)}</p>`,
    );
  }
  if (!data) return bundle(title, "", "");
  const text = dataText(data);
  const hasTable = data.data.length > 0 && data.shape.length <= 2 && data.shape.length > 0;
  return bundle(title, text, hasTable ? dataTable(data) : `<pre style="margin:0">${escapeHtml(text)}</pre>`);
}

function bundle(title: string, text: string, html: string): MimeBundle {
  return {
    "text/plain": text === "" ? title : `${title}\n${text}`,
    "text/html": `<p style="margin:0 0 4px"><b>${escapeHtml(title)}</b></p>${html}`,
  };
}

function showSizes(shape: Shape): string {
  return shape.length === 0 ? "scalar" : `[${shape.join(" × ")}]`;
}

/** Positions that are shown of an axis; undefined stands for those left out. */
function shownPositions(size: number, most: number, atEdge: number): (number | undefined)[] {
  if (size <= most) return Array.from({ length: size }, (_, at) => at);
  const head = Array.from({ length: atEdge }, (_, at) => at);
  return [...head, undefined, ...head.map((at) => size - atEdge + at)];
}

/** The values in brackets, the columns aligned, with `...` for what is left out. */
export function dataText(tensor: TensorData): string {
  const { shape, data, dtype } = tensor;
  if (data.length === 0) return "[]";
  const most = data.length > shownElements ? 2 * edge : Number.POSITIVE_INFINITY;
  const positions = shape.map((size) => shownPositions(size, most, edge));
  const steps = strides(shape);
  const indices: number[] = [];
  const walk = (axis: number, offset: number): void => {
    const shown = positions[axis];
    if (!shown) indices.push(offset);
    else for (const at of shown) if (at !== undefined) walk(axis + 1, offset + at * (steps[axis] ?? 1));
  };
  walk(0, 0);
  const read = elementReader(tensor);
  const texts = aligned(formatElements(indices.map(read), isFloat(dtype)));
  let next = 0;
  const write = (axis: number): string => {
    const shown = positions[axis];
    if (!shown) return texts[next++] ?? "";
    const isRow = axis === shape.length - 1;
    const parts = shown.map((at) => (at === undefined ? "..." : write(axis + 1)));
    const between = isRow ? ", " : `,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(axis + 1)}`;
    return `[${isRow ? wrapped(parts, axis) : parts.join(between)}]`;
  };
  return write(0);
}

const lineWidth = 100;

/** Elements of a row, broken into lines where they are too many for one. */
function wrapped(parts: readonly string[], depth: number): string {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}, ${part}`;
    if (line !== "" && longer.length > lineWidth) {
      lines.push(line);
      line = part;
    } else line = longer;
  }
  return [...lines, line].join(`,\n${" ".repeat(depth + 1)}`);
}

function aligned(texts: readonly string[]): string[] {
  const width = texts.reduce((most, { length }) => Math.max(most, length), 0);
  return texts.map((text) => text.padStart(width));
}

function dataTable(tensor: TensorData): string {
  const { shape, dtype } = tensor;
  const [first = 1, second] = shape;
  const width = second ?? 1;
  const rows = shownPositions(first, tableRows, tableRows / 2);
  const columns = shownPositions(width, tableColumns, tableColumns / 2);
  const read = elementReader(tensor);
  const known = rows.flatMap((row) =>
    columns.flatMap((column) => (row === undefined || column === undefined ? [] : [row * width + column])),
  );
  const texts = formatElements(known.map(read), isFloat(dtype));
  let next = 0;
  const style = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums";
  const faded = "opacity:.78;font-weight:normal;text-align:right";
  const body = rows.map((row) => {
    const cells = columns.map((column) => {
      const text = row === undefined ? "⋮" : column === undefined ? "…" : (texts[next++] ?? "");
      return `<td style="${style}">${escapeHtml(text)}</td>`;
    });
    return `<tr><th style="${faded}">${row ?? ""}</th>${cells.join("")}</tr>`;
  });
  const names = columns.map((column) => `<th style="${faded}">${column ?? ""}</th>`);
  const head = second === undefined ? "" : `<thead><tr><th></th>${names.join("")}</tr></thead>`;
  return `<table>${head}<tbody>${body.join("")}</tbody></table>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
