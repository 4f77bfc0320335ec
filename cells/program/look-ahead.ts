/**
 * @file Cells that wait behind the one that runs, checked before their turn, many at once.
 *
 * Invariants: a result holds only while the cells committed since are exactly the expected ones, in their order;
 * anything else discards all that is expected. Names of expected cells are seen by expected cells only. Only a clean
 * result is used: whatever looks wrong ahead of its time is checked again when its turn comes.
 */
import type { CellAnalysis } from "../analysis.ts";
import { analyseCell } from "../analyse-cell.ts";
import { LiveNames } from "./binding.ts";
import type { ModuleOfCell } from "./module-of-cell.ts";
import type { ExpectedCell, NotebookModules } from "./notebook-modules.ts";

/** The most cells that are checked at once. The program is rebuilt for them, in the time that five take alone. */
const batchSize = 128;

interface WaitingCell {
  readonly source: string;
  readonly cell: ExpectedCell;
  readonly module: ModuleOfCell;
  clean: boolean;
}

export class LookAhead {
  readonly #modules: NotebookModules;
  readonly #moduleOf: (
    source: string,
    analysis: CellAnalysis,
    uses: ExpectedCell["module"]["uses"],
  ) => ModuleOfCell;
  readonly #readsFiles: (source: string, analysis: CellAnalysis, names: LiveNames) => boolean;
  #expected: WaitingCell[] = [];
  #names: LiveNames | undefined;
  #checking = false;

  constructor(
    modules: NotebookModules,
    moduleOf: (source: string, analysis: CellAnalysis, uses: ExpectedCell["module"]["uses"]) => ModuleOfCell,
    readsFiles: (source: string, analysis: CellAnalysis, names: LiveNames) => boolean,
  ) {
    this.#modules = modules;
    this.#moduleOf = moduleOf;
    this.#readsFiles = readsFiles;
  }

  /** True where cells are expected that have not run. */
  get busy(): boolean {
    return this.#expected.length > 0 || this.#checking;
  }

  /** True where the cell is the next expected one and has no problems. */
  isClean(source: string): boolean {
    const [next] = this.#expected;
    return next?.clean === true && next.source === source;
  }

  /** Adds a cell that runs now, if it is the next expected one. False, with nothing expected any more, if not. */
  commit(source: string): boolean {
    const next = this.#expected.shift();
    if (next?.source === source) {
      this.#modules.addExpected(next.cell);
      return true;
    }
    if (next !== undefined) this.#modules.forgetExpected(next.cell);
    this.discard();
    return false;
  }

  /** Forgets all that is expected. */
  discard(): void {
    for (const { cell } of this.#expected) this.#modules.forgetExpected(cell);
    this.#expected = [];
    this.#names = undefined;
  }

  /** True where some of the waiting cells should be checked now. */
  wants(waiting: readonly string[]): boolean {
    return (
      !this.#checking &&
      this.#expected.length <= batchSize / 2 &&
      waiting.length > this.#expected.length &&
      this.#expected.every(({ source }, index) => source === waiting[index])
    );
  }

  /** Checks the next of the waiting cells; `problems` says of each module whether it has any. */
  async check(
    waiting: readonly string[],
    problems: (modules: readonly ModuleOfCell[]) => Promise<readonly boolean[]>,
  ): Promise<void> {
    if (!this.wants(waiting)) return;
    const batch = this.#expect(waiting.slice(this.#expected.length, this.#expected.length + batchSize));
    if (batch.length === 0) return;
    this.#checking = true;
    try {
      const found = await problems(batch.map(({ module }) => module));
      for (const [index, cell] of batch.entries()) cell.clean = found[index] === false;
    } finally {
      this.#checking = false;
    }
  }

  #expect(sources: readonly string[]): WaitingCell[] {
    if (this.#expected.length === 0) this.#names = undefined;
    this.#names ??= new LiveNames(this.#modules.live);
    const batch: WaitingCell[] = [];
    for (const source of sources) {
      const analysis = analyseCell(source);
      // What changes other modules, or depends on files that may change, is checked in its turn.
      if (analysis.problems.length > 0 || analysis.augments || /@ts-nocheck\b/.test(source)) break;
      if (!this.#modules.hasImportsOf(analysis) || this.#readsFiles(source, analysis, this.#names)) break;
      const cell = this.#modules.expect(source, analysis, this.#names);
      const module = this.#moduleOf(source, analysis, cell.module.uses);
      batch.push({ source, cell, module, clean: false });
    }
    this.#expected.push(...batch);
    return batch;
  }
}
