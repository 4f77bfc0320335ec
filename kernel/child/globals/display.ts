/** @file The global `display`: shows values and raw MIME data below the running cell. */
import { randomUUID } from "node:crypto";
import { types } from "node:util";
import type { MimeBundle } from "../protocol.ts";
import { renderValue, type RenderOptions } from "../rich/index.ts";
import { inspectText } from "../rich/inspect-text.ts";
import { toJson } from "../rich/json-value.ts";
import { base64, normaliseBundle } from "../rich/normalise-bundle.ts";
import { isPlotlyFigure, plotlyBundle } from "../rich/plotly-figure.ts";
import { previewValue } from "../rich/preview.ts";
import { isArray, isObject } from "../rich/safe-read.ts";
import { tableBundle, tableHead } from "../rich/table-display.ts";
import { tableSource } from "../tables/find-table.ts";
import type { GlobalsHost } from "./globals-host.ts";
import { hidden } from "./hidden.ts";

/** Makes the global `display` for a host. */
export function createDisplay(host: GlobalsHost): Tenon.Display {
  const options: RenderOptions =
    host.describeError === undefined ? {} : { describeError: host.describeError };

  /** Emits at once, or when an asynchronous bundle is there; the order of one output's updates is kept. */
  const emit = (bundle: MimeBundle | Promise<MimeBundle>, send: (data: MimeBundle) => void): void => {
    if (types.isPromise(bundle)) host.waitFor(bundle.then(send));
    else send(bundle);
  };

  const show = (bundle: MimeBundle | Promise<MimeBundle>, id: string = randomUUID()): Tenon.DisplayHandle => {
    let last: Promise<unknown> | undefined;
    const inOrder = (next: MimeBundle | Promise<MimeBundle>, send: (data: MimeBundle) => void): void => {
      if (last === undefined && !types.isPromise(next)) {
        send(next);
        return;
      }
      const turn = Promise.all([next, last]).then(([data]) => send(data));
      last = turn;
      host.waitFor(turn);
    };
    inOrder(bundle, (data) => host.emitDisplay(data, { id }));
    return handle(
      id,
      (value) => inOrder(renderShown(value, options), (data) => host.emitUpdate(id, data)),
      () => inOrder({ "text/plain": "" }, (data) => host.emitUpdate(id, data)),
    );
  };

  const raw =
    (mime: string, fallback: (content: string) => string = (content) => content) =>
    (content: string, settings: Tenon.DisplayOptions = {}): Tenon.DisplayHandle => {
      const text: unknown = content;
      if (typeof text !== "string") throw new TypeError(`this takes text, not ${previewValue(text, 60)}`);
      return show({ [mime]: text, "text/plain": fallback(text) }, settings.id);
    };

  const image =
    (mime: "image/png" | "image/jpeg") =>
    (content: Uint8Array | string, settings: Tenon.ImageOptions = {}): Tenon.DisplayHandle => {
      const text = typeof content === "string" ? content.replace(/^data:[^,]*,/, "") : base64(content);
      const { width, height, alt } = settings;
      const size = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
      const id = settings.id ?? randomUUID();
      const metadata = { [mime]: { ...size, ...(alt === undefined ? {} : { alt }) } };
      const data = { [mime]: text, "text/plain": alt ?? `[${mime}]` };
      host.emitDisplay(data, { id, metadata });
      return handle(
        id,
        (value) => emit(renderShown(value, options), (bundle) => host.emitUpdate(id, bundle)),
        () => host.emitUpdate(id, { "text/plain": "" }),
      );
    };

  const display = (value?: unknown, settings: Tenon.DisplayOptions = {}): Tenon.DisplayHandle =>
    show(settings.raw === true ? rawBundle(value) : renderShown(value, options), settings.id);

  return Object.assign(display, {
    html: raw("text/html", () => "[HTML]"),
    markdown: raw("text/markdown"),
    latex: raw("text/latex"),
    svg: raw("image/svg+xml", () => "[SVG]"),
    png: image("image/png"),
    jpeg: image("image/jpeg"),
    json: (value: unknown, settings: Tenon.DisplayOptions = {}) =>
      show({ "application/json": toJson(value), "text/plain": inspectText(value) }, settings.id),
    plotly: (figure: Tenon.PlotlyFigure, settings: Tenon.DisplayOptions = {}) =>
      show(figureBundle(figure), settings.id),
    table: (value: unknown, settings: Tenon.TableOptions = {}) =>
      show(tableOrValue(value, settings, options), settings.id),
    clear: (settings: { readonly wait?: boolean } = {}) => host.emitClear(settings.wait === true),
    update: (id: string, value: unknown) =>
      emit(renderShown(value, options), (data) => host.emitUpdate(id, data)),
  });
}

/** As a cell's result a handle shows nothing: what it stands for is on show already. */
function handle(id: string, update: (value: unknown) => void, clear: () => void): Tenon.DisplayHandle {
  return hidden({ id, update, clear });
}

/** `display(undefined)` was asked for by name, so it shows something. */
function renderShown(value: unknown, options: RenderOptions): MimeBundle | Promise<MimeBundle> {
  return value === undefined ? { "text/plain": "undefined" } : renderValue(value, options);
}

function rawBundle(value: unknown): MimeBundle {
  const bundle = normaliseBundle(value);
  if (bundle === undefined)
    throw new TypeError(
      'display(value, { raw: true }) takes a MIME bundle, for example { "text/html": "<b>x</b>" }',
    );
  return bundle;
}

function figureBundle(figure: unknown): MimeBundle {
  if (!isObject(figure)) throw new TypeError("display.plotly takes a figure: { data: [trace, …], layout }");
  const whole = isArray(figure) ? { data: figure, layout: {} } : figure;
  if (!isPlotlyFigure({ layout: {}, ...whole })) {
    throw new TypeError(
      `display.plotly takes a figure: { data: [trace, …], layout }, not ${previewValue(figure, 80)}`,
    );
  }
  return plotlyBundle(whole);
}

function tableOrValue(
  value: unknown,
  settings: Tenon.TableOptions,
  options: RenderOptions,
): MimeBundle | Promise<MimeBundle> {
  const source = tableSource(value);
  if (source === undefined) return renderShown(value, options);
  const most = Math.min(Math.max(1, Math.floor(settings.rows ?? 20)), 1000);
  const wanted = settings.columns;
  if (wanted === undefined) return tableBundle(tableHead(source, most));
  const picked = wanted.map((name) => {
    const index = source.columns.findIndex((column) => column.name === name);
    if (index < 0) {
      const known = source.columns.slice(0, 20).map((column) => column.name);
      throw new RangeError(`display.table: no column "${name}"; there are ${known.join(", ")}`);
    }
    return index;
  });
  return tableBundle(
    tableHead(
      {
        ...source,
        columns: picked.flatMap((index) => source.columns[index] ?? []),
        hiddenColumns: source.columns.length + source.hiddenColumns - picked.length,
        reader: (column) => source.reader(picked[column] ?? 0),
      },
      most,
    ),
  );
}
