/** @file The panel of a column: its statistics in full, its filter, and what can be done with it. */
import "@vscode-elements/elements/dist/vscode-button/index.js";
import type { Cell, ColumnProfile, Filter } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import { dateText, numberText, shownText } from "./cell-text.ts";
import type { PlacedColumn } from "./column-layout.ts";
import { filterForm } from "./filter-form.ts";
import { histogramChart, percent, topShares } from "./profile-chart.ts";
import type { Text } from "./texts.ts";

export interface PanelActions {
  readonly sort: (name: string, descending: boolean) => void;
  readonly togglePin: (name: string) => void;
  readonly hide: (name: string) => void;
  readonly addFilter: (filter: Filter) => void;
  readonly text: Text;
}

/** The statistics of a column, as far as they are known. */
export interface PanelStatistics {
  /** Undefined where the column can't be examined. */
  readonly profile: ColumnProfile | undefined;
  readonly isSampled: boolean;
}

/**
 * Opens the panel below a head; it closes by Escape, by a click elsewhere, and when something was chosen in it. The
 * statistics are shown by what is returned, also after the panel has opened; until then it says that they are being made.
 */
export function openColumnPanel(
  placed: PlacedColumn,
  anchor: DOMRect,
  actions: PanelActions,
  onClose: () => void,
): (statistics: PanelStatistics) => void {
  const { column, isPinned } = placed;
  const { text } = actions;
  const panel = element("div", {
    class: "panel",
    attributes: { popover: "auto", role: "dialog", "aria-label": `${column.name}: ${text("columnPanel")}` },
  });
  const choose =
    (act: () => void): (() => void) =>
    () => {
      panel.hidePopover();
      act();
    };
  const button = (name: string, icon: string, act: () => void): HTMLElement => {
    const made = element("vscode-button", { text: text(name), onClick: choose(act) });
    made.setAttribute("secondary", "");
    made.setAttribute("icon", icon);
    return made;
  };
  const facts = element("div", {
    attributes: { "aria-live": "polite" },
    children: [element("p", { class: "pending", text: text("computing") })],
  });
  panel.append(
    element("h2", { text: column.name }),
    element("div", {
      class: "actions",
      children: [
        button("sortAscending", "arrow-up", () => actions.sort(column.name, false)),
        button("sortDescending", "arrow-down", () => actions.sort(column.name, true)),
        button(isPinned ? "unpin" : "pin", isPinned ? "pinned" : "pin", () => actions.togglePin(column.name)),
        button("hide", "eye-closed", () => actions.hide(column.name)),
      ],
    }),
    filterForm(column, text, (filter) => choose(() => actions.addFilter(filter))()),
    facts,
  );
  document.body.append(panel);
  panel.addEventListener("toggle", (event) => {
    if (!(event instanceof ToggleEvent) || event.newState !== "closed") return;
    panel.remove();
    onClose();
  });
  const place = (): void => {
    const { width, height } = panel.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
    panel.style.top = `${Math.max(8, Math.min(anchor.bottom + 2, innerHeight - height - 8))}px`;
  };
  panel.showPopover();
  place();
  panel.querySelector<HTMLElement>("select, input")?.focus();
  return ({ profile, isSampled }) => {
    const filter = (chosen: Filter): void => choose(() => actions.addFilter(chosen))();
    facts.replaceChildren(...(profile === undefined ? [] : statistics(profile, isSampled, text, filter)));
    place();
  };
}

function statistics(
  profile: ColumnProfile,
  isSampled: boolean,
  text: Text,
  onFilter: (filter: Filter) => void,
): readonly HTMLElement[] {
  const missing = profile.count === 0 ? 0 : profile.nulls / profile.count;
  const isDate = profile.type === "date";
  const quantile = (value: number): string =>
    isDate ? dateText(new Date(value).toISOString()) : numberText(value);
  const cell = (value: Cell | undefined): string | undefined =>
    value === undefined ? undefined : shownText(value);
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    [text(isSampled ? "rowsSampled" : "rows"), profile.count.toLocaleString()],
    [text("missing"), `${profile.nulls.toLocaleString()} (${percent(missing)})`],
    [
      text("distinct"),
      profile.distinct === null ? `> ${(10_000).toLocaleString()}` : profile.distinct?.toLocaleString(),
    ],
    [text("minimum"), cell(profile.min)],
    ...(profile.quantiles ?? []).map(
      ({ q, value }) => [q === 0.5 ? text("median") : `${Math.round(q * 100)} %`, quantile(value)] as const,
    ),
    [text("maximum"), cell(profile.max)],
    [text("mean"), profile.mean === undefined ? undefined : numberText(profile.mean)],
    [
      text("standardDeviation"),
      profile.standardDeviation === undefined ? undefined : numberText(profile.standardDeviation),
    ],
  ];
  const list = element("dl", {
    children: facts.flatMap(([name, value]) =>
      value === undefined ? [] : [element("dt", { text: name }), element("dd", { text: value })],
    ),
  });
  const chart = histogramChart(profile, 288, 80, text("histogram"));
  const values = element("ul", { class: "values", children: topValues(profile, text, onFilter) });
  const parts = chart === undefined ? [list] : [element("figure", { children: [chart] }), list];
  return values.childElementCount === 0 || profile.histogram !== undefined ? parts : [...parts, values];
}

function topValues(
  profile: ColumnProfile,
  text: Text,
  onFilter: (filter: Filter) => void,
): readonly HTMLElement[] {
  return topShares(profile, 10).map(({ text: shown, share }, index) => {
    const value = profile.top?.[index]?.value;
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    const button = element("button", {
      class: "top",
      title: text("filterByValue"),
      attributes: { type: "button", disabled: !isPlain },
      children: [
        element("span", { class: "value", text: shown === "" ? text("emptyText") : shown }),
        element("span", { class: "share", text: percent(share) }),
      ],
      onClick: () => {
        if (isPlain) onFilter({ column: profile.name, op: "=", value });
      },
    });
    button.style.setProperty("--share", `${share * 100}%`);
    return element("li", { children: [button] });
  });
}
