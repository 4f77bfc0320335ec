/**
 * @file The variables as a tree with columns. It is drawn anew with each change; what is open and chosen is known by path
 * and stays.
 */
import type { Variable, VariablePath } from "../../kernel/protocol.ts";
import { element, icon, iconButton } from "../frame/element.ts";
import { memoryText } from "./variable-order.ts";

/** What the tree asks for. */
export interface TreeActions {
  readonly open: (variable: Variable) => void;
  readonly children: (path: VariablePath, offset: number) => void;
}

interface Children {
  list: readonly Variable[];
  total: number;
}

const keyOf = (path: VariablePath): string => JSON.stringify(path);

export class VariableTree {
  readonly element = element("div", { class: "rows", attributes: { role: "rowgroup" } });
  readonly #actions: TreeActions;
  readonly #expanded = new Map<string, Children>();
  #texts: Readonly<Record<string, string>> = {};
  #variables: readonly Variable[] = [];
  #chosen: string | undefined;

  constructor(actions: TreeActions) {
    this.#actions = actions;
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Shows variables, and asks again for the parts of what is open. */
  show(variables: readonly Variable[], texts: Readonly<Record<string, string>>, refresh: boolean): void {
    this.#variables = variables;
    this.#texts = texts;
    if (refresh)
      for (const key of this.#expanded.keys()) {
        const path = parsePath(key);
        if (path !== undefined) this.#actions.children(path, 0);
      }
    this.#draw();
  }

  /** Forgets what is open: the notebook or its kernel is another. */
  collapse(): void {
    this.#expanded.clear();
  }

  /** Takes parts that were asked for. */
  take(path: VariablePath, offset: number, list: readonly Variable[], total: number): void {
    const known = this.#expanded.get(keyOf(path));
    if (known === undefined) return;
    known.list = [...known.list.slice(0, offset), ...list];
    known.total = total;
    this.#draw();
  }

  #draw(): void {
    const hadFocus = this.element.contains(document.activeElement);
    const rows = this.#variables.flatMap((variable, index) =>
      this.#rows(variable, 1, index, this.#variables.length),
    );
    this.element.replaceChildren(...rows);
    const chosen = rows.find((row) => row.dataset["key"] === this.#chosen) ?? rows[0];
    if (chosen === undefined) return;
    chosen.tabIndex = 0;
    if (hadFocus) chosen.focus();
  }

  #rows(variable: Variable, level: number, index: number, count: number): HTMLElement[] {
    const key = keyOf(variable.path);
    const children = this.#expanded.get(key);
    const { expandable } = variable;
    const row = element("div", {
      class: "row",
      attributes: {
        role: "row",
        tabindex: -1,
        "aria-level": level,
        "aria-posinset": index + 1,
        "aria-setsize": count,
        "aria-expanded": expandable ? String(children !== undefined) : undefined,
      },
      children: this.#cells(variable, children !== undefined),
    });
    row.dataset["key"] = key;
    row.style.setProperty("--level", String(level - 1));
    row.addEventListener("focus", () => this.#choose(row));
    row.addEventListener("dblclick", () => {
      if (variable.pageable) this.#actions.open(variable);
    });
    if (children === undefined) return [row];
    const parts = children.list.flatMap((child, place) =>
      this.#rows(child, level + 1, place, children.total),
    );
    const rest = children.total - children.list.length;
    return rest > 0 && children.list.length > 0
      ? [row, ...parts, this.#more(variable.path, level, children)]
      : [row, ...parts];
  }

  #cells(variable: Variable, isOpen: boolean): HTMLElement[] {
    const { name, type, shape, bytes, preview, expandable, pageable } = variable;
    const twistie = element("span", {
      class: "twistie",
      children: expandable ? [icon(isOpen ? "chevron-down" : "chevron-right")] : [],
      onClick: () => this.#toggle(variable),
    });
    const cell = (kind: string, text: string): HTMLElement =>
      element("span", { class: `cell ${kind}`, text, title: text, attributes: { role: "gridcell" } });
    const nameCell = element("span", {
      class: "cell name",
      title: name,
      attributes: { role: "gridcell" },
      children: [twistie, element("span", { class: "label", text: name })],
    });
    const actions = element("span", { class: "cell actions", attributes: { role: "gridcell" } });
    if (pageable) {
      const label = `${this.#texts["open"] ?? ""}: ${name}`;
      const button = iconButton("table", label, () => this.#actions.open(variable));
      button.tabIndex = -1;
      actions.append(button);
    }
    return [
      nameCell,
      cell("type", type),
      cell("shape", shape ?? ""),
      cell("bytes", memoryText(bytes)),
      cell("preview", preview),
      actions,
    ];
  }

  #more(path: VariablePath, level: number, { list, total }: Children): HTMLElement {
    const text = (this.#texts["more"] ?? "").replace("{0}", (total - list.length).toLocaleString());
    const button = element("button", {
      class: "more",
      text,
      attributes: { type: "button" },
      onClick: () => this.#actions.children(path, list.length),
    });
    const cell = element("span", { class: "cell", attributes: { role: "gridcell" }, children: [button] });
    cell.style.setProperty("--level", String(level));
    return element("div", { class: "row rest", attributes: { role: "row" }, children: [cell] });
  }

  #toggle({ path, expandable }: Variable): void {
    if (!expandable) return;
    const key = keyOf(path);
    if (this.#expanded.delete(key)) {
      this.#draw();
      return;
    }
    this.#expanded.set(key, { list: [], total: 0 });
    this.#actions.children(path, 0);
    this.#draw();
  }

  #choose(row: HTMLElement): void {
    for (const other of this.element.querySelectorAll<HTMLElement>(".row[tabindex='0']")) other.tabIndex = -1;
    row.tabIndex = 0;
    this.#chosen = row.dataset["key"];
  }

  #onKey(event: KeyboardEvent): void {
    const rows = [...this.element.querySelectorAll<HTMLElement>(".row[data-key]")];
    const at = rows.findIndex((row) => row === document.activeElement);
    const row = rows[at];
    const variable = row && this.#find(row.dataset["key"] ?? "");
    if (row === undefined || variable === undefined) return;
    const isOpen = row.getAttribute("aria-expanded") === "true";
    const level = Number(row.getAttribute("aria-level"));
    const parent = rows.slice(0, at).findLast((each) => Number(each.getAttribute("aria-level")) < level);
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => rows[at + 1]?.focus(),
      ArrowUp: () => rows[at - 1]?.focus(),
      Home: () => rows[0]?.focus(),
      End: () => rows.at(-1)?.focus(),
      ArrowRight: () => (isOpen ? rows[at + 1]?.focus() : this.#toggle(variable)),
      ArrowLeft: () => (isOpen ? this.#toggle(variable) : parent?.focus()),
      Enter: () => (variable.pageable ? this.#actions.open(variable) : this.#toggle(variable)),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #find(key: string): Variable | undefined {
    const all = [this.#variables, ...[...this.#expanded.values()].map(({ list }) => list)].flat();
    return all.find(({ path }) => keyOf(path) === key);
  }
}

function parsePath(key: string): VariablePath | undefined {
  const parsed: unknown = JSON.parse(key);
  if (!Array.isArray(parsed)) return undefined;
  return parsed.filter(
    (step): step is string | number => typeof step === "string" || typeof step === "number",
  );
}
