/** @file Draws the graph: cells are buttons, edges a drawing behind them. */
import { element } from "../frame/element.ts";
import { graphLayout } from "./graph-layout.ts";
import { type GraphLayout, type PlacedEdge, type Point, cellSize } from "./layered-layout.ts";
import type { GraphCell, ToPage } from "./protocol.ts";

type Graph = Extract<ToPage, { type: "graph" }>;

/** With more edges than these, their names show only for the cell that is pointed at. */
const mostNamedEdges = 60;
/** More names than these on an edge are counted only. */
const mostNames = 3;
/** Wide graphs are made smaller to fit, but not smaller than can be read. */
const smallestZoom = 0.7;
const svgNamespace = "http://www.w3.org/2000/svg";

export class GraphDrawing {
  readonly #place: HTMLElement;
  readonly #onReveal: (cell: string) => void;
  #key = "";
  #layout: GraphLayout | undefined;
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(place: HTMLElement, onReveal: (cell: string) => void) {
    this.#place = place;
    this.#onReveal = onReveal;
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  /** Shows a graph; where only states have changed, the drawing stays. */
  show(graph: Graph): void {
    const { cells, edges } = graph;
    const key = JSON.stringify([cells.map(({ id }) => id), edges]);
    if (key !== this.#key) {
      this.#key = key;
      this.#layout = graphLayout(
        cells.map(({ id }) => id),
        edges,
        this.#place.clientWidth,
      );
      this.#drawAll(this.#layout);
    }
    const numbers = new Map(cells.map(({ id, number }) => [id, number]));
    for (const cell of cells) {
      const uses = edges
        .filter(({ to }) => to === cell.id)
        .map(({ from, names }) => `${names.join(", ")} (${numbers.get(from)})`);
      this.#describe(cell, uses.length === 0 ? "" : `${graph.texts.uses} ${uses.join("; ")}`);
    }
  }

  /** Shows a text in place of a graph. */
  clear(text: string): void {
    this.#key = "";
    this.#buttons.clear();
    this.#place.replaceChildren(element("p", { class: "empty", text }));
  }

  #drawAll(layout: GraphLayout): void {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset["cell"] : "";
    const canvas = element("div", { class: "canvas" });
    canvas.style.width = `${layout.width}px`;
    canvas.style.height = `${layout.height}px`;
    const edges = drawEdges(layout);
    canvas.append(edges);
    this.#buttons.clear();
    for (const [id, point] of layout.cells) {
      const button = this.#drawCell(id, point, edges);
      this.#buttons.set(id, button);
      canvas.append(button);
    }
    this.#place.replaceChildren(canvas);
    this.#fit();
    this.#buttons.get(focused ?? "")?.focus();
  }

  #fit(): void {
    const canvas = this.#place.querySelector<HTMLElement>(".canvas");
    if (canvas === null || this.#layout === undefined) return;
    const zoom = Math.max(smallestZoom, Math.min(1, this.#place.clientWidth / this.#layout.width));
    canvas.style.setProperty("zoom", String(zoom));
  }

  #drawCell(id: string, { x, y }: Point, edges: SVGSVGElement): HTMLButtonElement {
    const button = element("button", { class: "cell" });
    button.type = "button";
    button.dataset["cell"] = id;
    button.style.left = `${x - cellSize.width / 2}px`;
    button.style.top = `${y - cellSize.height / 2}px`;
    button.style.width = `${cellSize.width}px`;
    button.style.height = `${cellSize.height}px`;
    button.append(
      element("span", { class: "number" }),
      element("span", { class: "label" }),
      element("span", { class: "status" }),
    );
    button.addEventListener("click", () => this.#onReveal(id));
    const point = (isOn: boolean) => (): void => {
      for (const edge of edges.querySelectorAll<SVGGElement>(".edge"))
        if (edge.dataset["from"] === id || edge.dataset["to"] === id) edge.classList.toggle("pointed", isOn);
    };
    for (const name of ["mouseenter", "focus"]) button.addEventListener(name, point(true));
    for (const name of ["mouseleave", "blur"]) button.addEventListener(name, point(false));
    return button;
  }

  #describe({ id, number, label, state, status }: GraphCell, uses: string): void {
    const button = this.#buttons.get(id);
    if (button === undefined) return;
    button.dataset["state"] = state;
    button.title = [label, status, uses].filter((text) => text !== "").join("\n");
    const [numberPlace, labelPlace, statusPlace] = button.children;
    setText(numberPlace, String(number));
    setText(labelPlace, label);
    setText(statusPlace, status);
  }
}

function drawEdges({ edges, width, height }: GraphLayout): SVGSVGElement {
  const drawing = svg("svg", { class: "edges", width, height, "aria-hidden": true });
  drawing.classList.toggle("crowded", edges.length > mostNamedEdges);
  for (const edge of edges) drawing.append(drawEdge(edge));
  return drawing;
}

function drawEdge({ from, to, names, points }: PlacedEdge): SVGGElement {
  const group = svg("g", { class: "edge" });
  group.dataset["from"] = from;
  group.dataset["to"] = to;
  group.append(svg("path", { class: "line", d: curve(points) }));
  const [before, end] = [points.at(-2), points.at(-1)];
  if (before === undefined || end === undefined) return group;
  group.append(
    svg("path", {
      class: "arrow",
      d: `M${end.x - 4},${end.y - 8} L${end.x + 4},${end.y - 8} L${end.x},${end.y} Z`,
    }),
  );
  const text = svg("text", { x: (before.x + end.x) / 2, y: (before.y + end.y) / 2 + 4 });
  const rest = names.length - mostNames;
  text.textContent = `${names.slice(0, mostNames).join(", ")}${rest > 0 ? ` +${rest}` : ""}`;
  group.append(text);
  return group;
}

/** From point to point, each time leaving and arriving straight down. */
function curve(points: readonly Point[]): string {
  let path = "";
  for (const [index, { x, y }] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined) path = `M${x},${y}`;
    else {
      const half = (before.y + y) / 2;
      path += ` C${before.x},${half} ${x},${half} ${x},${y}`;
    }
  }
  return path;
}

function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number | boolean>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function setText(place: Element | undefined, text: string): void {
  if (place !== undefined && place.textContent !== text) place.textContent = text;
}
