/**
 * @file The rows of a table as far as they are here: fetched from the kernel in pages when they are looked at.
 *
 * Two pages are under way at a time; what was scrolled past before its turn is never asked for. Answers to a question of
 * another order or filter are dropped.
 */
import type { Cell, Column, Filter, Page, Sort } from "../../kernel/protocol.ts";
import type { PageQuery } from "./protocol.ts";

const mostUnderWay = 2;
const mostPages = 200;
/** Rows × columns of one page, roughly. */
const cellsPerPage = 20_000;

export interface RowsOrder {
  readonly sort: readonly Sort[];
  readonly filters: readonly Filter[];
}

export class KernelRows {
  readonly #ask: (query: PageQuery) => Promise<Page>;
  readonly #onChange: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #pages = new Map<number, readonly (readonly Cell[])[]>();
  readonly #underWay = new Set<number>();
  #wanted: readonly number[] = [];
  #order: RowsOrder = { sort: [], filters: [] };
  #generation = 0;
  #pageLength = 100;
  columns: readonly Column[] = [];
  /** Rows that the filters leave; 0 before the first page. */
  rowCount = 0;
  totalRowCount: number | null = null;
  /** False until the first page is here. */
  isKnown = false;

  constructor(
    ask: (query: PageQuery) => Promise<Page>,
    onChange: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#ask = ask;
    this.#onChange = onChange;
    this.#onError = onError;
  }

  get order(): RowsOrder {
    return this.#order;
  }

  /** Sets order and filters, and forgets the rows. */
  reorder(order: RowsOrder): void {
    this.#order = order;
    this.#forget();
    this.want(0, 0);
  }

  /** A row, where it is here. */
  row(index: number): readonly Cell[] | undefined {
    return this.#pages.get(Math.floor(index / this.#pageLength))?.[index % this.#pageLength];
  }

  /** Asks for the rows that show, and for those around them when there is nothing else to do. */
  want(first: number, last: number): void {
    const from = Math.floor(first / this.#pageLength);
    const to = Math.floor(last / this.#pageLength);
    const most = this.isKnown ? Math.floor(Math.max(0, this.rowCount - 1) / this.#pageLength) : 0;
    const pages = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    this.#wanted = [...pages, to + 1, from - 1].filter((page) => page >= 0 && page <= most);
    this.#pump();
  }

  /** Rows from the kernel for use elsewhere, in order; not kept. */
  async read(offset: number, limit: number): Promise<readonly (readonly Cell[])[]> {
    return (await this.#ask({ offset, limit, ...this.#query() })).rows;
  }

  /** Fetches the first rows that show anew; resolves with whether the table is another than before. */
  async refresh(first: number): Promise<boolean> {
    const index = Math.floor(first / this.#pageLength);
    const generation = this.#generation;
    const page = await this.#ask({
      offset: index * this.#pageLength,
      limit: this.#pageLength,
      ...this.#query(),
    });
    if (generation !== this.#generation) return false;
    const same =
      page.rowCount === this.rowCount &&
      JSON.stringify(page.columns) === JSON.stringify(this.columns) &&
      JSON.stringify(page.rows) === JSON.stringify(this.#pages.get(index));
    if (same) return false;
    this.#forget();
    this.#take(index, page);
    return true;
  }

  #query(): Pick<PageQuery, "sort" | "filters"> {
    return { sort: [...this.#order.sort], filters: [...this.#order.filters] };
  }

  #forget(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#underWay.clear();
    this.isKnown = false;
  }

  #pump(): void {
    for (const index of this.#wanted) {
      if (this.#underWay.size >= mostUnderWay) return;
      if (this.#pages.has(index) || this.#underWay.has(index)) continue;
      void this.#fetch(index);
    }
  }

  async #fetch(index: number): Promise<void> {
    const generation = this.#generation;
    const length = this.#pageLength;
    this.#underWay.add(index);
    try {
      const page = await this.#ask({ offset: index * length, limit: length, ...this.#query() });
      if (generation !== this.#generation) return;
      this.#underWay.delete(index);
      this.#take(index, page);
      this.#pump();
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#underWay.delete(index);
      this.#wanted = [];
      this.#onError(error);
    }
  }

  #take(index: number, page: Page): void {
    this.columns = page.columns;
    this.rowCount = page.rowCount ?? page.offset + page.rows.length;
    this.totalRowCount = page.totalRowCount;
    const isFirst = !this.isKnown;
    this.isKnown = true;
    this.#pages.delete(index);
    this.#pages.set(index, page.rows);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > mostPages && oldest !== undefined) this.#pages.delete(oldest);
    if (isFirst) this.#fitPages(page);
    this.#onChange();
  }

  /** Wide tables come in shorter pages. */
  #fitPages(page: Page): void {
    const length = Math.max(20, Math.min(500, Math.floor(cellsPerPage / Math.max(1, page.columns.length))));
    if (length === this.#pageLength) return;
    this.#generation += 1;
    this.#underWay.clear();
    this.#pages.clear();
    this.#pageLength = length;
    if (page.offset !== 0) return;
    if (page.rows.length >= length) this.#pages.set(0, page.rows.slice(0, length));
    else if (page.rows.length === this.rowCount) this.#pages.set(0, page.rows);
  }
}
