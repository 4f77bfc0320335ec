/**
 * @file The runs of a notebook's cells as VS Code has them: which wait, which one runs, how the last ones ended.
 *
 * Invariant: a cell has one execution at a time, as VS Code asks for.
 */
import type { NotebookCell, NotebookCellExecution, NotebookController } from "vscode";
import type { PastExecution } from "../../../kernel/protocol.ts";
import type { FinishedExecution } from "../../kernels/kernel-session.ts";

/** How a run ended, kept for outputs that come afterwards. */
interface PastRun {
  readonly cell: NotebookCell;
  readonly order: number | undefined;
  /** Undefined where it ended before this window was there. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly success: boolean | undefined;
}

/** So many runs are remembered for late outputs. */
const mostPastRuns = 500;

export class CellRuns {
  readonly #controller: NotebookController;
  readonly #waiting = new Set<NotebookCell>();
  readonly #running = new Map<NotebookCell, NotebookCellExecution>();
  readonly #past = new Map<string, PastRun>();

  constructor(controller: NotebookController) {
    this.#controller = controller;
  }

  /** The cell waits to run. */
  create(cell: NotebookCell): NotebookCellExecution {
    const execution = this.#controller.createNotebookCellExecution(cell);
    this.#waiting.add(cell);
    return execution;
  }

  /** The kernel has begun with it. `id` is the request's. */
  begin(execution: NotebookCellExecution, id: string, start: number): void {
    const { cell } = execution;
    this.#waiting.delete(cell);
    this.#running.set(cell, execution);
    execution.start(start);
    this.#remember(id, { cell, order: undefined, start, end: start, success: undefined });
  }

  /** It has ended. */
  end(
    execution: NotebookCellExecution,
    id: string,
    {
      status,
      start,
      end,
    }: { readonly status: FinishedExecution["status"]; readonly start: number; readonly end: number },
  ): void {
    const { cell, executionOrder: order } = execution;
    const success = status === "aborted" ? undefined : status === "ok";
    this.#running.delete(cell);
    this.#remember(id, { cell, order, start, end, success });
    execution.end(success, end);
  }

  /** It had ended before this window was there. */
  restore(cell: NotebookCell, id: string, { status, count }: Pick<PastExecution, "status" | "count">): void {
    const success = status === "aborted" ? undefined : status === "ok";
    this.#remember(id, { cell, order: count, start: undefined, end: undefined, success });
  }

  /** It ends without a mark, as not run. */
  drop(execution: NotebookCellExecution): void {
    this.#waiting.delete(execution.cell);
    // It has to begin before it can end.
    execution.start();
    execution.end(undefined);
  }

  isRunning(cell: NotebookCell): boolean {
    return this.#running.has(cell);
  }

  /** The cell that a request was for, where that has ended or runs. */
  cellOf(id: string): { readonly cell: NotebookCell; readonly hasEnded: boolean } | undefined {
    const run = this.#past.get(id);
    return run && { cell: run.cell, hasEnded: run.order !== undefined };
  }

  /**
   * Changes the outputs of any cell; one that has ended is run again for a moment, and looks as before. One that waits
   * is left: its outputs go when it runs.
   */
  change(cell: NotebookCell, action: (execution: NotebookCellExecution) => void): void {
    if (cell.index < 0 || this.#waiting.has(cell)) return;
    const running = this.#running.get(cell);
    if (running !== undefined) {
      action(running);
      return;
    }
    const past = [...this.#past.values()].findLast((run) => run.cell === cell);
    const execution = this.#controller.createNotebookCellExecution(cell);
    execution.executionOrder = past?.order ?? cell.executionSummary?.executionOrder;
    execution.start(past?.start);
    action(execution);
    execution.end(past?.success, past?.end);
  }

  #remember(id: string, run: PastRun): void {
    this.#past.set(id, run);
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= mostPastRuns) return;
      this.#past.delete(oldest);
    }
  }
}
