/** @file The page "Notebook Graph": which cells use what of which others, live. */
import { PageBridge, pageElement } from "../frame/page-bridge.ts";
import { GraphDrawing } from "./draw-graph.ts";
import { type FromPage, type PageState, type ToPage, pageStateSchema, toPageSchema } from "./protocol.ts";

const bridge = new PageBridge<ToPage, FromPage, PageState>({ toPage: toPageSchema, state: pageStateSchema });
const title = pageElement("h1");
const button = pageElement(".run-stale");

const drawing = new GraphDrawing(pageElement("main"), (cell) => bridge.post({ type: "reveal", cell }));
button.addEventListener("click", () => bridge.post({ type: "runStale" }));
bridge.onMessage((graph) => {
  const { texts, notebook, uri, cells } = graph;
  // After a window reload the extension finds the notebook by this.
  bridge.state = { notebook: uri };
  title.textContent = notebook;
  button.textContent = texts.runStale;
  button.hidden = !cells.some(({ state }) => state === "stale");
  if (cells.length > 0) drawing.show(graph);
  else drawing.clear(texts.empty);
});
bridge.post({ type: "ready" });
