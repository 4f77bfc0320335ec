/**
 * @file How values are shown: the MIME bundle of a cell's result or of `display(value)`.
 *
 * A value shows itself by `[Symbol.for("Jupyter.display")]()`; otherwise the renderers below know it by its shape.
 * Whatever the value does, the result is a bundle: renderers that fail fall back to text. Every renderer's cost is
 * bounded by what is shown, or linear with a small factor where a summary needs all numbers. Text has no ANSI
 * colours: it is stored in notebooks, compared by tests and turned into documents.
 */
import { types } from "node:util";
import type { MimeBundle } from "../protocol.ts";
import { isTypedArray } from "../tables/array-tables.ts";
import { engineTable } from "../tables/engine-tables.ts";
import { pageableOf } from "../tables/find-table.ts";
import { tensorView } from "../tables/tensor-table.ts";
import { arrayBundle, typedArrayBundle } from "./array-display.ts";
import { imageDataBundle } from "./image-data.ts";
import { inspectText } from "./inspect-text.ts";
import { normaliseBundle } from "./normalise-bundle.ts";
import { isPlotlyFigure, plotlyBundle } from "./plotly-figure.ts";
import { isArray, isObject, readAny, thrownText } from "./safe-read.ts";
import { collectionBundle, dateBundle, errorBundle, functionBundle } from "./scalar-displays.ts";
import { tableBundle, tableHead } from "./table-display.ts";
import { tensorBundle } from "./tensor-display.ts";

/** What the kernel knows and the renderers don't. */
export interface RenderOptions {
  /** An error's text with frames mapped to cells, for errors that are shown as values. */
  readonly describeError?: (error: Error) => string;
  /** Told once for each `Jupyter.display` method that failed; the default writes to stderr. */
  readonly warn?: (message: string) => void;
}

const displaySymbol = Symbol.for("Jupyter.display");

/** The value's MIME bundle; empty for undefined. Never throws and never rejects. */
export function renderValue(value: unknown, options: RenderOptions = {}): MimeBundle | Promise<MimeBundle> {
  if (value === undefined) return {};
  if (!isObject(value)) return { "text/plain": inspectText(value) };
  try {
    const own = renderOwn(value, options);
    if (own !== undefined) return own;
    return renderByShape(value, options) ?? { "text/plain": inspectText(value) };
  } catch {
    return { "text/plain": inspectText(value) };
  }
}

function renderOwn(value: object, options: RenderOptions): MimeBundle | Promise<MimeBundle> | undefined {
  // A frame's own display may write out every row; ours shows the head.
  const engine = typeof value === "function" ? undefined : engineTable(value);
  if (engine !== undefined) return tableBundle(tableHead(engine));
  const method = readAny(value, displaySymbol);
  if (typeof method === "function") return renderBySymbol(value, method, options);
  return renderPageable(value, options);
}

function renderDefault(value: object, options: RenderOptions): MimeBundle {
  try {
    return renderByShape(value, options) ?? { "text/plain": inspectText(value) };
  } catch {
    return { "text/plain": inspectText(value) };
  }
}

function renderBySymbol(
  value: object,
  method: CallableFunction,
  options: RenderOptions,
): MimeBundle | Promise<MimeBundle> {
  const failed = (thrown: unknown): MimeBundle => {
    warn(options, `Symbol.for("Jupyter.display") failed: ${thrownText(thrown)}`);
    return renderDefault(value, options);
  };
  const finish = (bundle: unknown): MimeBundle => {
    const result = normaliseBundle(bundle);
    if (result === undefined) return failed(new Error("it returned no MIME bundle"));
    const isWhole = "text/plain" in result || Object.keys(result).length === 0;
    return isWhole ? result : { ...result, "text/plain": inspectText(value) };
  };
  try {
    const bundle: unknown = Reflect.apply(method, value, []);
    const waits = isObject(bundle) && typeof readAny(bundle, "then") === "function";
    return waits ? Promise.resolve(bundle).then(finish).catch(failed) : finish(bundle);
  } catch (thrown) {
    return failed(thrown);
  }
}

function renderPageable(value: object, options: RenderOptions): MimeBundle | Promise<MimeBundle> | undefined {
  const failed = (thrown: unknown): MimeBundle => {
    warn(options, `Symbol.for("tenon.pageable") failed: ${thrownText(thrown)}`);
    return renderDefault(value, options);
  };
  try {
    const pageable = pageableOf(value);
    if (pageable === undefined) return undefined;
    const columns = pageable.columns.slice(0, 30);
    const finish = (page: { readonly rows: readonly (readonly unknown[])[] }): MimeBundle =>
      tableBundle({
        kind: "Table",
        columns,
        rows: page.rows.slice(0, 20).map((row) => row.slice(0, columns.length)),
        rowCount: pageable.rowCount,
        columnCount: pageable.columns.length,
        indexed: true,
      });
    const page = pageable.page({ offset: 0, limit: 20, sort: [], filters: [] });
    return types.isPromise(page) ? page.then(finish).catch(failed) : finish(page);
  } catch (thrown) {
    return failed(thrown);
  }
}

function warn(options: RenderOptions, message: string): void {
  if (options.warn === undefined) process.stderr.write(`${message}\n`);
  else options.warn(message);
}

function renderByShape(value: object, options: RenderOptions): MimeBundle | undefined {
  if (typeof value === "function") return functionBundle(value);
  if (isArray(value)) return arrayBundle(value);
  if (isTypedArray(value)) return typedArrayBundle(value);
  if (types.isProxy(value)) return undefined;
  if (types.isDate(value)) return dateBundle(value);
  if (types.isNativeError(value)) return errorBundle(value, options.describeError);
  if (types.isMap(value) || types.isSet(value)) return collectionBundle(value);
  if (types.isPromise(value)) return undefined;
  if (isPlotlyFigure(value)) return plotlyBundle(value);
  const tensor = tensorView(value);
  if (tensor !== undefined) return tensorBundle(tensor);
  return imageDataBundle(value);
}
