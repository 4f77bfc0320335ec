/** @file The data viewer: puts rows, columns, statistics and views together, and keeps what was chosen. */
import type { Filter } from "../../kernel/protocol.ts";
import { element } from "../frame/element.ts";
import type { PageBridge } from "../frame/page-bridge.ts";
import { copiedText } from "./cell-text.ts";
import { columnHeader } from "./column-header.ts";
import { type ColumnLayout, type PlacedColumn, layoutColumns, narrowest } from "./column-layout.ts";
import { type PanelStatistics, openColumnPanel } from "./column-panel.ts";
import { ColumnProfiles } from "./column-profiles.ts";
import { DataGrid } from "./data-grid.ts";
import { ExtensionQuestions } from "./extension-questions.ts";
import { KernelRows } from "./kernel-rows.ts";
import { isMatrix, pictures } from "./matrix-shape.ts";
import { MatrixView } from "./matrix-view.ts";
import type { FromPage, PageState, ToPage } from "./protocol.ts";
import { type Selection, rectangle } from "./selection.ts";
import { textsOf } from "./texts.ts";
import { drawToolbar } from "./viewer-toolbar.ts";

/** More would be slow to paste as well; the export has no limit. */
const mostCopied = 1_000_000;
const rowsPerQuestion = 1000;
/** By so many pixels a key makes a column wider or narrower. */
const widthStep = 16;

export class DataViewer {
  readonly #bridge: PageBridge<ToPage, FromPage, PageState>;
  readonly #questions: ExtensionQuestions;
  readonly #rows: KernelRows;
  readonly #profiles: ColumnProfiles;
  readonly #grid: DataGrid;
  readonly #toolbar = element("header", { class: "toolbar" });
  readonly #notice = element("p", { class: "notice", attributes: { role: "alert", hidden: true } });
  readonly #content = element("div", { class: "content" });
  #opened: ToPage & { type: "open" };
  #state: PageState;
  #text;
  #layout: ColumnLayout = layoutColumns([], { pinned: [], hidden: [], widths: {} });
  #view: "table" | "picture" = "table";
  /** Rows have been here, at the place where the page was left. */
  #hasShown = false;
  /** The open panel of a column whose statistics are still to come. */
  #waitingPanel: { readonly name: string; readonly show: (statistics: PanelStatistics) => void } | undefined;

  constructor(
    place: HTMLElement,
    bridge: PageBridge<ToPage, FromPage, PageState>,
    opened: ToPage & { type: "open" },
  ) {
    this.#bridge = bridge;
    this.#opened = opened;
    this.#text = textsOf(opened.texts);
    this.#state = stateFor(opened, bridge.state);
    bridge.state = this.#state;
    this.#questions = new ExtensionQuestions(bridge);
    this.#rows = new KernelRows(
      async (query) => await this.#questions.page(query),
      () => this.#onRows(),
      (error) => this.#fail(error),
    );
    this.#profiles = new ColumnProfiles(
      async (query) => await this.#questions.profile(query),
      () => this.#onProfiles(),
    );
    this.#grid = new DataGrid({
      row: (index) => this.#rows.row(index),
      rowCount: () => this.#rows.rowCount,
      layout: () => this.#layout,
      header: (placed) => this.#header(placed),
      onShown: (first, last, columns) => {
        if (!this.#rows.isKnown) return;
        this.#keepTop(first);
        this.#rows.want(first, last);
        this.#profiles.want(columns.map(({ column }) => column.name));
      },
      onHeaderKey: (placed, { key, shiftKey }) => {
        if (key === "Enter") this.#openPanel(placed);
        else if (key === " ") this.#sort(placed.column.name, shiftKey);
        else this.#resize(placed.column.name, placed.width + (key === "ArrowRight" ? widthStep : -widthStep));
      },
      onCopy: (selection) => void this.#copy(selection),
    });
    this.#grid.element.setAttribute("aria-label", opened.name);
    this.#grid.element.setAttribute("aria-multiselectable", "true");
    this.#content.append(this.#grid.element);
    place.replaceChildren(this.#toolbar, this.#notice, this.#content);
    this.#profiles.reset(this.#state.filters);
    this.#rows.reorder(this.#state);
    this.#drawToolbar();
  }

  /** Takes what the extension says after the opening. */
  take(message: Exclude<ToPage, { type: "open" }>): void {
    if (message.type === "gone") this.#tell(message.message);
    else if (message.type === "changed") void this.#refresh();
    else this.#questions.take(message);
  }

  /** The same variable on another kernel, or with other words. */
  reopen(opened: ToPage & { type: "open" }): void {
    this.#opened = opened;
    this.#text = textsOf(opened.texts);
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    try {
      if (!this.#rows.isKnown) this.#rows.reorder(this.#state);
      else if (await this.#rows.refresh(this.#grid.firstRow)) {
        this.#profiles.reset(this.#state.filters);
        if (this.#view === "picture") this.#showView("picture");
      }
      this.#tell("");
    } catch (error) {
      this.#fail(error);
    }
    this.#grid.drawHeader();
  }

  #onRows(): void {
    this.#layout = layoutColumns(this.#rows.columns, this.#state);
    this.#tell("");
    if (!this.#hasShown) {
      this.#hasShown = true;
      this.#grid.showFrom(this.#state.top);
    }
    this.#grid.draw();
  }

  #onProfiles(): void {
    this.#grid.drawHeader();
    this.#showStatistics();
  }

  #showStatistics(): void {
    const panel = this.#waitingPanel;
    if (panel === undefined || !this.#profiles.has(panel.name)) return;
    this.#waitingPanel = undefined;
    panel.show({ profile: this.#profiles.of(panel.name), isSampled: this.#profiles.isSampled });
  }

  #change(part: Partial<PageState>): void {
    this.#state = { ...this.#state, ...part };
    this.#bridge.state = this.#state;
    if (part.sort !== undefined || part.filters !== undefined) {
      if (part.filters !== undefined) this.#profiles.reset(this.#state.filters);
      this.#grid.toTop();
      this.#rows.reorder(this.#state);
    }
    this.#layout = layoutColumns(this.#rows.columns, this.#state);
    this.#drawToolbar();
    this.#grid.drawHeader();
  }

  #keepTop(top: number): void {
    if (this.#state.top === top) return;
    this.#state = { ...this.#state, top };
    this.#bridge.state = this.#state;
  }

  #header(placed: PlacedColumn): HTMLElement {
    const { name } = placed.column;
    const state = {
      profile: this.#profiles.of(name),
      sort: this.#state.sort,
      isFiltered: this.#state.filters.some(({ column }) => column === name),
    };
    return columnHeader(placed, state, {
      text: this.#text,
      sort: (column, add) => this.#sort(column, add),
      openPanel: (column) => this.#openPanel(column),
      resize: (column, width) => this.#resize(column, width),
    });
  }

  #resize(column: string, width: number): void {
    this.#change({ widths: { ...this.#state.widths, [column]: Math.max(narrowest, width) } });
  }

  /** Up, down, and back to the order of the data; `add` keeps the order by other columns before it. */
  #sort(column: string, add: boolean): void {
    const { sort } = this.#state;
    const known = sort.find((each) => each.column === column);
    const others = add ? sort.filter((each) => each.column !== column) : [];
    if (known === undefined) this.#change({ sort: [...others, { column, descending: false }] });
    else if (known.descending) this.#change({ sort: others });
    else if (add)
      this.#change({ sort: sort.map((each) => (each === known ? { column, descending: true } : each)) });
    else this.#change({ sort: [{ column, descending: true }] });
  }

  #openPanel(placed: PlacedColumn): void {
    const { name } = placed.column;
    const place = this.#layout.columns.findIndex(({ column }) => column.name === name);
    this.#grid.focusHeader(place);
    const anchor = document.querySelector(`[id="head-${place}"]`)?.getBoundingClientRect() ?? new DOMRect();
    const toggled = (names: readonly string[]): string[] =>
      names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
    const show = openColumnPanel(
      placed,
      anchor,
      {
        text: this.#text,
        sort: (column, descending) => this.#change({ sort: [{ column, descending }] }),
        togglePin: () => this.#change({ pinned: toggled(this.#state.pinned) }),
        hide: () => this.#change({ hidden: toggled(this.#state.hidden) }),
        addFilter: (filter) => this.#addFilter(filter),
      },
      () => {
        if (this.#waitingPanel?.show === show) this.#waitingPanel = undefined;
        this.#grid.element.focus({ preventScroll: true });
      },
    );
    this.#waitingPanel = { name, show };
    this.#showStatistics();
  }

  #addFilter(filter: Filter): void {
    const others = this.#state.filters.filter(
      ({ column, op }) => column !== filter.column || op !== filter.op,
    );
    this.#change({ filters: [...others, filter] });
  }

  #drawToolbar(): void {
    const { filters, sort, hidden } = this.#state;
    drawToolbar(
      this.#toolbar,
      {
        name: this.#opened.name,
        valueType: [this.#opened.valueType, this.#opened.shape ?? ""].join(" ").trim(),
        rowCount: this.#rows.rowCount,
        totalRowCount: this.#rows.totalRowCount,
        isKnown: this.#rows.isKnown || !this.#notice.hidden,
        isEmpty: this.#rows.columns.length === 0,
        columns: this.#rows.columns,
        filters,
        isSorted: sort.length > 0,
        hidden,
        view: isMatrix(this.#rows.columns) ? this.#view : undefined,
      },
      this.#text,
      {
        removeFilter: (index) => this.#change({ filters: filters.filter((_, at) => at !== index) }),
        clear: () => this.#change({ filters: [], sort: [] }),
        setHidden: (names) => this.#change({ hidden: [...names] }),
        exportCsv: () =>
          this.#bridge.post({
            type: "export",
            columns: this.#layout.columns.map(({ column }) => column.name),
            sort,
            filters,
          }),
        showView: (view) => this.#showView(view),
      },
    );
  }

  #showView(view: "table" | "picture"): void {
    this.#view = view;
    this.#drawToolbar();
    if (view === "table") {
      this.#content.replaceChildren(this.#grid.element);
      this.#grid.draw();
      return;
    }
    const { valueType, shape } = this.#opened;
    const { totalRowCount, rowCount, columns } = this.#rows;
    const stack = pictures(valueType, shape, totalRowCount ?? rowCount, columns.length);
    // Pictures are of the values as they lie in memory, whatever the grid's order.
    const read = async (offset: number, limit: number): ReturnType<KernelRows["read"]> =>
      (await this.#questions.page({ offset, limit, sort: [], filters: [] })).rows;
    const matrix = new MatrixView(stack, read, this.#text, (error) => this.#fail(error));
    this.#content.replaceChildren(matrix.element);
  }

  async #copy(selection: Selection): Promise<void> {
    const { top, bottom, left, right } = rectangle(selection);
    const columns = this.#layout.columns.slice(left, right + 1);
    if ((bottom - top + 1) * columns.length > mostCopied) {
      this.#tell(this.#text("tooMuchToCopy"));
      return;
    }
    try {
      const lines: string[] = [];
      for (let offset = Math.max(0, top); offset <= bottom; offset += rowsPerQuestion) {
        const rows = await this.#rows.read(offset, Math.min(rowsPerQuestion, bottom - offset + 1));
        for (const row of rows)
          lines.push(columns.map(({ index }) => copiedText(row[index] ?? null)).join("\t"));
      }
      this.#bridge.post({ type: "copy", text: lines.join("\n") });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#tell(error instanceof Error ? error.message : String(error));
  }

  #tell(message: string): void {
    if (this.#notice.textContent !== message) this.#notice.textContent = message;
    this.#notice.hidden = message === "";
    // Without rows of any time there is nothing but what is said.
    this.#content.hidden = message !== "" && this.#rows.columns.length === 0;
    this.#drawToolbar();
  }
}

/** What was chosen before, where it was for the same variable. */
function stateFor(
  { notebook, path, name }: ToPage & { type: "open" },
  known: PageState | undefined,
): PageState {
  if (known?.notebook === notebook && JSON.stringify(known.path) === JSON.stringify(path)) return known;
  return { notebook, path, name, sort: [], filters: [], pinned: [], hidden: [], widths: {}, top: 0 };
}
