/** @file The bar above the grid: what is shown, how many rows the filters leave, the filters, and what can be done. */
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import type { Column, Filter } from "../../kernel/protocol.ts";
import { element, icon, iconButton } from "../frame/element.ts";
import { filterText } from "./filter-form.ts";
import type { Text } from "./texts.ts";

export interface ToolbarState {
  readonly name: string;
  readonly valueType: string;
  readonly rowCount: number;
  readonly totalRowCount: number | null;
  readonly isKnown: boolean;
  /** There have been no rows of any time. */
  readonly isEmpty: boolean;
  readonly columns: readonly Column[];
  readonly filters: readonly Filter[];
  readonly isSorted: boolean;
  readonly hidden: readonly string[];
  /** Undefined where the table is no matrix. */
  readonly view: "table" | "picture" | undefined;
}

export interface ToolbarActions {
  readonly removeFilter: (index: number) => void;
  readonly clear: () => void;
  readonly setHidden: (names: readonly string[]) => void;
  readonly exportCsv: () => void;
  readonly showView: (view: "table" | "picture") => void;
}

/** Draws the bar. */
export function drawToolbar(
  place: HTMLElement,
  state: ToolbarState,
  text: Text,
  actions: ToolbarActions,
): void {
  const focused = document.activeElement?.id;
  const chips = state.filters.map((filter, index) =>
    element("span", {
      class: "chip",
      children: [
        element("span", { text: filterText(filter, text) }),
        iconButton("close", `${text("removeFilter")}: ${filterText(filter, text)}`, () =>
          actions.removeFilter(index),
        ),
      ],
    }),
  );
  const view = state.view === "table" ? "picture" : "table";
  const buttons = [
    ...(chips.length > 0 || state.isSorted
      ? [labelled("clear-all", text("clear"), "clear", actions.clear)]
      : []),
    ...(state.view === undefined
      ? []
      : [
          labelled(view === "picture" ? "color-mode" : "table", text(view), "view", () =>
            actions.showView(view),
          ),
        ]),
    ...(state.isEmpty
      ? []
      : [
          labelled("list-selection", columnsLabel(state, text), "columns", () =>
            openColumns(state, text, actions),
          ),
          labelled("export", text("export"), "export", actions.exportCsv),
        ]),
  ];
  place.replaceChildren(
    element("h1", { text: state.name }),
    element("span", { class: "value-type", text: state.valueType }),
    element("span", { class: "row-count", text: countText(state, text), attributes: { role: "status" } }),
    ...(chips.length > 0 ? [element("span", { class: "chips", children: chips })] : []),
    element("span", { class: "space" }),
    element("span", { class: "buttons", children: buttons }),
  );
  if (focused !== undefined && focused !== "")
    document.querySelector<HTMLElement>(`[id="${focused}"]`)?.focus();
}

function labelled(name: string, label: string, id: string, onClick: () => void): HTMLElement {
  return element("button", {
    class: "tool",
    title: label,
    attributes: { type: "button", id: `tool-${id}` },
    children: [icon(name), element("span", { text: label })],
    onClick,
  });
}

function columnsLabel({ columns, hidden }: ToolbarState, text: Text): string {
  const shown = columns.filter(({ name }) => !hidden.includes(name)).length;
  return shown === columns.length ? text("columns") : `${text("columns")} ${shown}/${columns.length}`;
}

function countText({ isKnown, isEmpty, rowCount, totalRowCount, filters }: ToolbarState, text: Text): string {
  if (!isKnown) return text("loading");
  if (isEmpty) return "";
  if (filters.length === 0 || totalRowCount === null) return text("rowCount", rowCount.toLocaleString());
  return text("rowCountOf", rowCount.toLocaleString(), totalRowCount.toLocaleString());
}

/** The list of columns, each with a box. */
function openColumns({ columns, hidden }: ToolbarState, text: Text, { setHidden }: ToolbarActions): void {
  let chosen = hidden;
  const boxes = columns.map(({ name }) => {
    const box = element("vscode-checkbox", { attributes: { label: name } });
    box.checked = !hidden.includes(name);
    box.addEventListener("change", () => {
      chosen = box.checked ? chosen.filter((each) => each !== name) : [...chosen, name];
      setHidden(chosen);
    });
    return { name, box };
  });
  const all = element("button", {
    class: "tool",
    text: text("showAll"),
    attributes: { type: "button" },
    onClick: () => {
      chosen = [];
      for (const { box } of boxes) box.checked = true;
      setHidden(chosen);
    },
  });
  const search = element("input", {
    attributes: { type: "search", placeholder: text("findColumn"), "aria-label": text("findColumn") },
  });
  search.addEventListener("input", () => {
    for (const { name, box } of boxes) box.hidden = !name.toLowerCase().includes(search.value.toLowerCase());
  });
  const panel = element("div", {
    class: "panel columns",
    attributes: { popover: "auto", role: "dialog", "aria-label": text("columns") },
    children: [
      element("div", { class: "columns-head", children: [search, all] }),
      element("div", { class: "boxes", children: boxes.map(({ box }) => box) }),
    ],
  });
  document.body.append(panel);
  panel.addEventListener("toggle", (event) => {
    if (event instanceof ToggleEvent && event.newState === "closed") panel.remove();
  });
  panel.showPopover();
  const anchor = document.querySelector("#tool-columns")?.getBoundingClientRect();
  panel.style.top = `${(anchor?.bottom ?? 40) + 2}px`;
  panel.style.left = `${Math.max(8, (anchor?.right ?? innerWidth) - panel.offsetWidth)}px`;
  search.focus();
}
