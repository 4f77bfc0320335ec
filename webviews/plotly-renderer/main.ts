/**
 * @file Draws Plotly figures below the cells of a notebook in VS Code, in its theme. Plotly is loaded with the first
 * figure, and no more of it than its traces need.
 */
import { plotConfig } from "../notebook-page/plot-config.ts";
import { themedLayout } from "../notebook-page/plot-theme.ts";
import { isCartesian } from "../notebook-page/protocol.ts";

interface Figure {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly frames: readonly unknown[];
}

interface Plotly {
  react(element: HTMLElement, data: Figure["data"], layout: object, config: object): Promise<unknown>;
  addFrames(element: HTMLElement, frames: readonly unknown[]): Promise<unknown>;
  purge(element: HTMLElement): void;
}

/** What VS Code gives a renderer of an output. */
interface OutputItem {
  readonly id: string;
  json(): unknown;
}

interface Renderer {
  renderOutputItem(item: OutputItem, element: HTMLElement, signal: AbortSignal): Promise<void>;
  disposeOutputItem(id?: string): void;
}

interface Drawn {
  readonly element: HTMLElement;
  readonly figure: Figure;
  readonly plotly: Plotly;
}

const defaultHeight = 420;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

function figureOf(value: unknown): Figure | undefined {
  const { data, layout, config, frames } = record(value);
  if (!Array.isArray(data) || !data.every(isRecord)) return undefined;
  return {
    data,
    layout: record(layout),
    config: record(config),
    frames: Array.isArray(frames) ? frames : [],
  };
}

async function loadPlotly(figure: Figure): Promise<Plotly> {
  const module: { readonly default: Plotly } = isCartesian(figure.data)
    ? await import("plotly.js-cartesian-dist-min")
    : await import("plotly.js-strict-dist-min");
  return module.default;
}

function themeOf(): "light" | "dark" {
  const { classList } = document.body;
  return classList.contains("vscode-dark") ||
    (classList.contains("vscode-high-contrast") && !classList.contains("vscode-high-contrast-light"))
    ? "dark"
    : "light";
}

async function draw({ element, figure, plotly }: Drawn): Promise<void> {
  const { width: _width, ...layout } = figure.layout;
  const height = typeof layout["height"] === "number" ? layout["height"] : defaultHeight;
  // Where its element has no height of its own, a figure takes another one each time the window resizes.
  element.style.height = `${height}px`;
  const themed = { ...themedLayout(layout, themeOf()), autosize: true, height, uirevision: "cell" };
  await plotly.react(element, figure.data, themed, plotConfig(figure.config));
}

/** VS Code's entry point of a renderer. */
export function activate(): Renderer {
  const drawn = new Map<string, Drawn>();
  new MutationObserver(() => {
    for (const plot of drawn.values()) void draw(plot);
  }).observe(document.body, { attributeFilter: ["class"] });
  return {
    async renderOutputItem(item, host, signal) {
      const figure = figureOf(item.json());
      if (figure === undefined) {
        host.textContent = "This is no Plotly figure: it has no list of traces named data.";
        return;
      }
      const plotly = await loadPlotly(figure);
      if (signal.aborted) return;
      const known = drawn.get(item.id);
      const element = known?.element.isConnected === true ? known.element : document.createElement("div");
      if (element !== known?.element) host.replaceChildren(element);
      const plot = { element, figure, plotly };
      drawn.set(item.id, plot);
      await draw(plot);
      if (figure.frames.length > 0) await plotly.addFrames(element, figure.frames);
      element.dataset["drawn"] = "";
    },
    disposeOutputItem(id) {
      for (const key of id === undefined ? [...drawn.keys()] : [id]) {
        const plot = drawn.get(key);
        plot?.plotly.purge(plot.element);
        drawn.delete(key);
      }
    },
  };
}
