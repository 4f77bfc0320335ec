/** @file The head of a column: its name and order, its type, how much is missing, and its values in the small. */
import type { ColumnProfile, Sort } from "../../kernel/protocol.ts";
import { element, icon, iconButton } from "../frame/element.ts";
import type { PlacedColumn } from "./column-layout.ts";
import { histogramChart, percent, topShares } from "./profile-chart.ts";
import type { Text } from "./texts.ts";

export interface HeaderActions {
  /** Sorts by the column; `add` keeps the order by others. */
  readonly sort: (name: string, add: boolean) => void;
  readonly openPanel: (placed: PlacedColumn) => void;
  readonly resize: (name: string, width: number) => void;
  readonly text: Text;
}

export interface HeaderState {
  readonly profile: ColumnProfile | undefined;
  readonly sort: readonly Sort[];
  readonly isFiltered: boolean;
}

/** Makes the head of a column. Its buttons are out of the tab order: the grid's keys reach what they do. */
export function columnHeader(placed: PlacedColumn, state: HeaderState, actions: HeaderActions): HTMLElement {
  const { column, isPinned } = placed;
  const { text } = actions;
  const at = state.sort.findIndex(({ column: name }) => name === column.name);
  const sort = state.sort[at];
  const direction = sort === undefined ? "none" : sort.descending ? "descending" : "ascending";
  const name = element("button", {
    class: "name",
    title: `${column.name}\n${text("sortHint")}`,
    attributes: { type: "button", tabindex: -1 },
    children: [
      ...(isPinned ? [icon("pinned")] : []),
      element("span", { class: "label", text: column.name }),
      ...(sort === undefined ? [] : [icon(sort.descending ? "arrow-down" : "arrow-up")]),
      ...(sort !== undefined && state.sort.length > 1
        ? [element("span", { class: "sort-place", text: String(at + 1) })]
        : []),
    ],
    onClick: (event) => actions.sort(column.name, event.shiftKey),
  });
  const menu = iconButton(
    state.isFiltered ? "filter-filled" : "ellipsis",
    `${column.name}: ${text("columnPanel")}`,
    () => actions.openPanel(placed),
  );
  menu.tabIndex = -1;
  const handle = element("div", { class: "resize", attributes: { "aria-hidden": "true" } });
  handle.addEventListener("pointerdown", (event) => startResize(event, placed, actions.resize));
  return element("div", {
    class: state.isFiltered ? "column filtered" : "column",
    attributes: { role: "columnheader", "aria-sort": direction, "aria-label": column.name },
    children: [
      element("div", { class: "title", children: [name, menu] }),
      element("div", { class: "type", text: column.nativeType ?? column.type }),
      ...summary(state.profile, placed, text),
      handle,
    ],
  });
}

function summary(
  profile: ColumnProfile | undefined,
  { width }: PlacedColumn,
  text: Text,
): readonly Element[] {
  if (profile === undefined) return [element("div", { class: "nulls waiting" })];
  const share = profile.count === 0 ? 0 : profile.nulls / profile.count;
  const missing = `${percent(share)} ${text("missing")}`;
  const bar = element("div", {
    class: "nulls",
    title: missing,
    attributes: { role: "img", "aria-label": missing },
  });
  bar.style.setProperty("--share", `${share * 100}%`);
  const chart = histogramChart(profile, Math.max(20, width - 16), 34, text("histogram"));
  if (chart !== undefined) return [bar, chart];
  const top = topShares(profile, 2).map((each) => {
    const line = element("div", {
      class: "top",
      title: `${each.text}: ${percent(each.share)}`,
      children: [
        element("span", { class: "value", text: each.text }),
        element("span", { class: "share", text: percent(each.share) }),
      ],
    });
    line.style.setProperty("--share", `${each.share * 100}%`);
    return line;
  });
  if (top.length > 0) return [bar, ...top];
  const { distinct } = profile;
  const many = distinct === null ? `> ${(10_000).toLocaleString()}` : distinct?.toLocaleString();
  return many === undefined
    ? [bar]
    : [bar, element("div", { class: "distinct", text: `${many} ${text("distinct")}` })];
}

function startResize(event: PointerEvent, placed: PlacedColumn, resize: HeaderActions["resize"]): void {
  event.preventDefault();
  event.stopPropagation();
  const start = event.clientX;
  const onMove = (move: PointerEvent): void =>
    resize(placed.column.name, Math.round(placed.width + move.clientX - start));
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", () => document.removeEventListener("pointermove", onMove), {
    once: true,
  });
}
