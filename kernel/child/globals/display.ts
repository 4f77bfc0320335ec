/** @file The global `display`: shows values and raw MIME data below the running cell. */
import { randomUUID } from "node:crypto";
import { types } from "node:util";
import type { MimeBundle } from "../protocol.ts";
import { renderValue, type RenderOptions } from "../rich/index.ts";
import { inspectText } from "../rich/inspect-text.ts";
import { toJson } from "../rich/json-value.ts";
import { base64, namespacedSvg, normaliseBundle } from "../rich/normalise-bundle.ts";
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

  /** Emits at once, or when an asynchronous bundle is there. */
  const emit = (bundle: MimeBundle | Promise<MimeBundle>, send: (data: MimeBundle) => void): void => {
    if (types.isPromise(bundle)) host.waitFor(bundle.then(send));
    else send(bundle);
  };

  /** Shows a value in a way that its updates keep to: what was Markdown stays Markdown. */
  const show = (value: unknown, kind: Kind, id: string = randomUUID()): Tenon.DisplayHandle => {
    const metadata = kind.metadata ?? {};
    let last: Promise<unknown> | undefined;
    const inOrder = (next: MimeBundle | Promise<MimeBundle>, send: (data: MimeBundle) => void): void => {
      if (last === undefined && !types.isPromise(next)) {
        send(next);
        return;
      }
      const turn = Promise.all([next, last]).then(([data]) => {
        send(data);
        if (last === turn) last = undefined;
      });
      last = turn;
      host.waitFor(turn);
    };
    inOrder(kind.render(value), (data) => host.emitDisplay(data, { id, metadata }));
    // As a cell's result a handle shows nothing: what it stands for is on show already.
    return hidden({
      id,
      update: (next) => inOrder(kind.render(next), (data) => host.emitUpdate(id, data, { metadata })),
      clear: () => inOrder({ "text/plain": "" }, (data) => host.emitUpdate(id, data)),
    });
  };

  const value: Kind = { render: (shown) => renderShown(shown, options) };

  const raw = (mime: string, fallback?: string, complete: (text: string) => string = (text) => text) => {
    const kind: Kind = {
      render: (text) => {
        if (typeof text !== "string") throw new TypeError(`this takes text, not ${previewValue(text, 60)}`);
        return { [mime]: complete(text), "text/plain": fallback ?? text };
      },
    };
    return (content: string, settings: Tenon.DisplayOptions = {}): Tenon.DisplayHandle =>
      show(content, kind, settings.id);
  };

  const image =
    (mime: "image/png" | "image/jpeg") =>
    (content: Uint8Array | string, settings: Tenon.ImageOptions = {}): Tenon.DisplayHandle => {
      const { id, ...described } = settings;
      return show(content, imageKind(mime, described), id);
    };

  const display = (shown?: unknown, settings: Tenon.DisplayOptions = {}): Tenon.DisplayHandle =>
    show(shown, settings.raw === true ? { render: rawBundle } : value, settings.id);

  return Object.assign(display, {
    html: raw("text/html", "[HTML]"),
    markdown: raw("text/markdown"),
    latex: raw("text/latex"),
    svg: raw("image/svg+xml", "[SVG]", namespacedSvg),
    png: image("image/png"),
    jpeg: image("image/jpeg"),
    json: (shown: unknown, settings: Tenon.DisplayOptions = {}) =>
      show(shown, { render: jsonBundle }, settings.id),
    plotly: (figure: Tenon.PlotlyFigure, settings: Tenon.DisplayOptions = {}) =>
      show(figure, { render: figureBundle }, settings.id),
    table: (shown: unknown, settings: Tenon.TableOptions = {}) =>
      show(shown, { render: (table) => tableOrValue(table, settings, options) }, settings.id),
    clear: (settings: { readonly wait?: boolean } = {}) => host.emitClear(settings.wait === true),
    update: (id: string, shown: unknown) => emit(value.render(shown), (data) => host.emitUpdate(id, data)),
  });
}

/** How a value becomes a bundle, at first and at each update. */
interface Kind {
  readonly render: (value: unknown) => MimeBundle | Promise<MimeBundle>;
  readonly metadata?: Record<string, unknown>;
}

function imageKind(mime: string, settings: Omit<Tenon.ImageOptions, "id">): Kind {
  return {
    metadata: { [mime]: settings },
    render: (content) => {
      if (typeof content !== "string" && !(content instanceof Uint8Array)) {
        throw new TypeError(`this takes an image's bytes or base64 text, not ${previewValue(content, 60)}`);
      }
      const text = typeof content === "string" ? content.replace(/^data:[^,]*,/, "") : base64(content);
      return { [mime]: text, "text/plain": settings.alt ?? `[${mime}]` };
    },
  };
}

function jsonBundle(value: unknown): MimeBundle {
  return { "application/json": toJson(value), "text/plain": inspectText(value) };
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
