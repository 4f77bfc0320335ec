/**
 * @file Runs the stale dependants of what the user ran, once the notebook is quiet.
 *
 * Invariant: what runs here starts nothing by itself, so each cell runs at most once for what the user did.
 */
import type { FinishedExecution } from "../kernels/kernel-session.ts";

export interface ReactiveRunsOptions {
  /** False while a cell runs. */
  readonly isIdle: () => boolean;
  /** What is to run after these cells have. */
  readonly plan: (roots: ReadonlySet<string>) => readonly string[];
  /** Runs cells, and resolves when they have run. */
  readonly run: (cells: readonly string[]) => Promise<void>;
  readonly onProblem: (error: unknown) => void;
}

/** Milliseconds without a run after which no other cell waits in the notebook's queue. */
const quietTime = 200;

export class ReactiveRuns {
  readonly #options: ReactiveRunsOptions;
  readonly #roots = new Set<string>();
  /** Cells that run because of this, and have not ended. */
  #own: Set<string> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReactiveRunsOptions) {
    this.#options = options;
  }

  /** A cell has run, for whatever reason. */
  executed({ cellId, status }: FinishedExecution): void {
    if (this.#own?.delete(cellId) === true) return;
    if (status !== "ok") return;
    this.#roots.add(cellId);
    this.#wait();
  }

  /** Forgets what is to be done. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#roots.clear();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#own === undefined && this.#options.isIdle()) void this.#start();
      else this.#wait();
    }, quietTime);
  }

  async #start(): Promise<void> {
    const roots = new Set(this.#roots);
    this.#roots.clear();
    const cells = this.#options.plan(roots);
    if (cells.length === 0) return;
    this.#own = new Set(cells);
    try {
      await this.#options.run(cells);
    } catch (error) {
      this.#options.onProblem(error);
    } finally {
      this.#own = undefined;
    }
  }
}
