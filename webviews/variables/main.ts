/** @file The page of the variables view: the variables of the notebook in front, live. */
import "@vscode-elements/elements/dist/vscode-button/index.js";
import { element, icon } from "../frame/element.ts";
import { PageBridge, pageElement } from "../frame/page-bridge.ts";
import {
  type FromPage,
  type PageState,
  type SortColumn,
  type ToPage,
  pageStateSchema,
  toPageSchema,
} from "./protocol.ts";
import { ordered } from "./variable-order.ts";
import { VariableTree } from "./variable-tree.ts";

const bridge = new PageBridge<ToPage, FromPage, PageState>({ toPage: toPageSchema, state: pageStateSchema });
const heading = pageElement("h1");
const place = pageElement(".content");
const columns: readonly SortColumn[] = ["name", "type", "shape", "bytes", "preview"];
let state: PageState = bridge.state ?? { filter: "" };
let shown: (ToPage & { type: "variables" }) | undefined;

const tree = new VariableTree({
  open: ({ path }) => bridge.post({ type: "open", path }),
  children: (path, offset) => bridge.post({ type: "children", path, offset }),
});
const filter = element("input", { class: "filter", attributes: { type: "search", spellcheck: "false" } });
filter.value = state.filter;
filter.addEventListener("input", () => change({ ...state, filter: filter.value }));
const nothing = element("p", { class: "nothing", attributes: { role: "status" } });
const header = element("div", { class: "row header", attributes: { role: "row" } });
const grid = element("div", {
  class: "tree",
  attributes: { role: "treegrid" },
  children: [element("div", { attributes: { role: "rowgroup" }, children: [header] }), tree.element],
});

function change(next: PageState): void {
  state = next;
  bridge.state = next;
  show(false);
}

function sortBy(column: SortColumn): void {
  const { sort } = state;
  if (sort?.column !== column) change({ ...state, sort: { column, descending: false } });
  else if (!sort.descending) change({ ...state, sort: { column, descending: true } });
  else change({ filter: state.filter });
}

function headerCell(column: SortColumn, texts: Readonly<Record<string, string>>): HTMLElement {
  const { sort } = state;
  const isSorted = sort?.column === column;
  const isDescending = sort?.descending ?? false;
  const direction = isDescending ? "descending" : "ascending";
  return element("span", {
    class: `cell ${column}`,
    attributes: { role: "columnheader", "aria-sort": isSorted ? direction : "none" },
    children: [
      element("button", {
        attributes: { type: "button", "data-column": column },
        children: [
          texts[column] ?? column,
          ...(isSorted ? [icon(isDescending ? "arrow-down" : "arrow-up")] : []),
        ],
        onClick: () => sortBy(column),
      }),
    ],
  });
}

function show(refresh: boolean): void {
  if (shown === undefined) return;
  const { texts, variables, total } = shown;
  const focused = document.activeElement?.getAttribute("data-column");
  filter.placeholder = texts["filter"] ?? "";
  filter.setAttribute("aria-label", texts["filter"] ?? "");
  grid.setAttribute("aria-label", texts["title"] ?? "");
  header.replaceChildren(
    ...columns.map((column) => headerCell(column, texts)),
    element("span", {
      class: "cell actions",
      attributes: { role: "columnheader" },
      children: [element("span", { class: "visually-hidden", text: texts["actions"] ?? "" })],
    }),
  );
  if (focused !== null && focused !== undefined)
    header.querySelector<HTMLElement>(`[data-column="${focused}"]`)?.focus();
  const list = ordered(variables, state);
  const unlisted = (texts["unlisted"] ?? "").replace("{0}", (total - variables.length).toLocaleString());
  nothing.textContent =
    list.length === 0 ? (texts["noMatch"] ?? "") : total > variables.length ? unlisted : "";
  nothing.hidden = nothing.textContent === "";
  if (!grid.isConnected) place.replaceChildren(filter, grid, nothing);
  tree.show(list, texts, refresh);
}

bridge.onMessage((message) => {
  if (message.type !== "children") heading.textContent = message.texts["title"] ?? "";
  if (message.type === "children") {
    tree.take(message.path, message.offset, message.children, message.total);
    return;
  }
  if (message.type === "variables") {
    if (shown?.notebook !== message.notebook) tree.collapse();
    shown = message;
    show(true);
    return;
  }
  shown = undefined;
  tree.collapse();
  const button = element("vscode-button", {
    text: message.action?.label ?? "",
    onClick: () => bridge.post({ type: "act" }),
  });
  const parts = [element("p", { text: message.message }), ...(message.action === undefined ? [] : [button])];
  place.replaceChildren(element("div", { class: "empty", children: parts }));
});
bridge.post({ type: "ready" });
