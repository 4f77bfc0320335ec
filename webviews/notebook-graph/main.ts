/** @file The page "Notebook Graph": which cells use what of which others, live. */
import * as v from "valibot";
import { GraphDrawing } from "./draw-graph.ts";
import { type FromPage, toPageSchema } from "./protocol.ts";

declare function acquireVsCodeApi(): {
  readonly postMessage: (message: FromPage) => void;
  readonly setState: (state: unknown) => void;
};

const vscode = acquireVsCodeApi();
const [title, button, place] = ["h1", ".run-stale", "main"].map((selector) => {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
});
if (title === undefined || button === undefined || place === undefined)
  throw new Error("the page is not whole");

const drawing = new GraphDrawing(place, (cell) => vscode.postMessage({ type: "reveal", cell }));
button.addEventListener("click", () => vscode.postMessage({ type: "runStale" }));
window.addEventListener("message", (event: MessageEvent<unknown>) => {
  const graph = v.parse(toPageSchema, event.data);
  const { texts, notebook, uri, cells } = graph;
  // After a window reload the extension finds the notebook by this.
  vscode.setState({ notebook: uri });
  title.textContent = notebook;
  button.textContent = texts.runStale;
  button.hidden = !cells.some(({ state }) => state === "stale");
  if (cells.length > 0) drawing.show(graph);
  else drawing.clear(texts.empty);
});
vscode.postMessage({ type: "ready" });
