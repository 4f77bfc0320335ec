/**
 * @file Draws the page's Plotly figures in its theme, and again when the theme changes or the page is printed.
 * Plotly comes compressed in the page; the policy names its hash, so nothing else can run in its place.
 */
import { plotConfig } from "./plot-config.ts";
import { themedLayout } from "./plot-theme.ts";
import { type PlotlyFigure, plotlyElementId } from "./protocol.ts";
import { currentTheme, onThemeChange } from "./theme.ts";

interface Plotly {
  react(
    element: HTMLElement,
    data: PlotlyFigure["data"],
    layout: Readonly<Record<string, unknown>>,
    config: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  addFrames(element: HTMLElement, frames: readonly unknown[]): Promise<unknown>;
}

interface Plot {
  readonly element: HTMLElement;
  readonly figure: PlotlyFigure;
}

const printWidth = 660;
const narrow = matchMedia("(max-width: 40rem)");

async function loadPlotly(): Promise<Plotly> {
  const carrier = document.getElementById(plotlyElementId);
  const bytes = Uint8Array.from(atob(carrier?.textContent ?? ""), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
  carrier?.remove();
  // SAFETY: the script that just ran is Plotly, which puts itself on the window.
  return (window as unknown as { Plotly: Plotly }).Plotly;
}

/** On a narrow screen a legend beside the chart would leave no room for the chart. */
function legendOf(layout: PlotlyFigure["layout"], isNarrow: boolean): unknown {
  const own = layout["legend"];
  if (!isNarrow) return own;
  const below = { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 0, yanchor: "bottom" };
  return { ...below, ...(typeof own === "object" && own !== null && "orientation" in own ? own : {}) };
}

function layoutOf(figure: PlotlyFigure, theme: "light" | "dark", printing: boolean): Record<string, unknown> {
  const { width: _width, ...layout } = figure.layout;
  return {
    ...themedLayout(layout, theme),
    legend: legendOf(layout, narrow.matches && !printing),
    autosize: !printing,
    uirevision: "page",
    ...(printing ? { width: printWidth } : {}),
  };
}

async function draw(plotly: Plotly, { element, figure }: Plot, printing: boolean): Promise<void> {
  const theme = printing ? "light" : currentTheme();
  const config = {
    ...plotConfig(figure.config),
    ...(narrow.matches ? { displayModeBar: false } : {}),
  };
  await plotly.react(element, figure.data, layoutOf(figure, theme, printing), config);
}

function findPlots(): Plot[] {
  return [...document.querySelectorAll<HTMLElement>("[data-nb-plot]")].map((element) => {
    // SAFETY: the exporter parsed the figure and wrote it in this form.
    const figure = JSON.parse(element.querySelector("script")?.textContent ?? "{}") as PlotlyFigure;
    return { element, figure };
  });
}

/** Draws a figure for the first time. Where that fails, what stood in its place comes back. */
async function drawFirst(plotly: Plotly, plot: Plot): Promise<boolean> {
  const { element, figure } = plot;
  const fallback = [...element.childNodes];
  try {
    element.replaceChildren();
    await draw(plotly, plot, false);
    if (figure.frames !== undefined) await plotly.addFrames(element, figure.frames);
    element.dataset["nbDrawn"] = "";
    return true;
  } catch {
    element.replaceChildren(...fallback);
    element.style.height = "auto";
    element.dataset["nbDrawn"] = "failed";
    return false;
  }
}

/** Draws all figures; each is marked `data-nb-drawn` when that is done. */
export async function drawPlots(): Promise<void> {
  const plots = findPlots();
  if (plots.length === 0) return;
  const plotly = await loadPlotly();
  const drawn: Plot[] = [];
  for (const plot of plots) if (await drawFirst(plotly, plot)) drawn.push(plot);
  const redraw = (printing: boolean): void => {
    for (const plot of drawn) void draw(plotly, plot, printing);
  };
  onThemeChange(() => redraw(false));
  narrow.addEventListener("change", () => redraw(false));
  addEventListener("beforeprint", () => redraw(true));
  addEventListener("afterprint", () => redraw(false));
}
