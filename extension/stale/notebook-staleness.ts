/** @file One notebook's cells, what has run of them, and which are stale; kept up to date and watched. */
import type { SourceNames } from "../../cells/name-graph.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import type { FinishedExecution } from "../kernels/kernel-session.ts";
import { CellNamesCache, type NamedCell, type SourceCell } from "./cell-names.ts";
import { runPlan, staleDependents } from "./run-plan.ts";
import { RunRecord } from "./run-record.ts";
import { type Staleness, staleCells } from "./stale-cells.ts";

export class NotebookStaleness {
  readonly #read: (source: string) => SourceNames;
  readonly #cache: CellNamesCache;
  readonly #record = new RunRecord();
  readonly #changes = new Listeners<readonly []>();
  #cells: readonly NamedCell[] = [];
  #stale: ReadonlyMap<string, Staleness> = new Map();

  /** `read` parses one cell. */
  constructor(read: (source: string) => SourceNames) {
    this.#read = read;
    this.#cache = new CellNamesCache(read);
  }

  /** The code cells, in the order of the document. */
  get cells(): readonly NamedCell[] {
    return this.#cells;
  }

  /** The stale cells by id, with the reasons. */
  get stale(): ReadonlyMap<string, Staleness> {
    return this.#stale;
  }

  /** Called with each change of {@link cells} or {@link stale}. */
  onChange(listener: () => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  /** The notebook's code cells as they are now, in the order of the document. */
  setCells(cells: readonly SourceCell[]): void {
    this.#cells = this.#cache.update(cells);
    this.#refresh();
  }

  /** A cell has run. */
  executed(execution: FinishedExecution): void {
    const cell = this.#cells.find(({ id }) => id === execution.cellId);
    const names = cell?.source === execution.code ? cell.names : this.#read(execution.code);
    this.#record.add(execution, names);
    this.#refresh();
  }

  /** A fresh kernel has taken the place of the old one. */
  kernelStarted(): void {
    this.#record.clear();
    this.#refresh();
  }

  /** True where the cell's last run on this kernel ended with an error. */
  hasFailed(cell: string): boolean {
    return this.#record.runs(cell)?.last.failed === true;
  }

  /** True where the cell has run on this kernel. */
  hasRun(cell: string): boolean {
    return this.#record.runs(cell) !== undefined;
  }

  /** The cells to run for no cell to be stale, in order. */
  planForAll(): readonly string[] {
    return runPlan(this.#cells, this.#record);
  }

  /** The cells to run for those that depend on `roots` not to be stale, in order; without the roots. */
  planBehind(roots: ReadonlySet<string>): readonly string[] {
    const wanted = staleDependents(this.#cells, this.#record, roots);
    return runPlan(this.#cells, this.#record, wanted).filter((id) => !roots.has(id));
  }

  #refresh(): void {
    this.#stale = staleCells(this.#cells, this.#record);
    this.#changes.emit();
  }
}
