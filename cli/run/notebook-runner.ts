/**
 * @file Runs a notebook's cells in order on a kernel and records what they put out.
 *
 * Invariant: however a run ends, the notebook holds all outputs that arrived, and was saved after the last cell.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { KernelClient } from "../../jupyter/client.ts";
import type { ExecuteReply } from "../../jupyter/client-replies.ts";
import { type Message, parentId } from "../../jupyter/message.ts";
import { type CodeCell, type Notebook, cellTags, joinText } from "../../jupyter/notebook-file.ts";
import { type OutputMessage, parseOutputMessage } from "../../jupyter/output-message.ts";
import { OutputRecorder } from "../../jupyter/output-recorder.ts";
import { cellTitles } from "./cell-title.ts";
import type { PapermillMetadata } from "./papermill-metadata.ts";
import type { ProgressReport } from "./progress-report.ts";

/** How a cell, or the run as a whole, ended. */
export type RunStatus = "ok" | "failed" | "timeout" | "interrupted" | "died";

/** What became of one code cell. */
export interface CellResult {
  /** The cell's index in the notebook. */
  readonly index: number;
  readonly id: string | undefined;
  readonly title: string;
  readonly status: RunStatus | "skipped";
  /** Seconds. */
  readonly duration: number;
  readonly error?: { readonly name: string; readonly message: string };
  /** True where the cell failed and its tag says that it may. */
  readonly expected?: true;
}

export interface RunSettings {
  readonly allowErrors: boolean;
  /** Milliseconds for each cell. */
  readonly timeout: number | undefined;
}

/** Milliseconds that a cell which took too long has to end before its kernel is ended. */
const interruptPatience = 10_000;
/** Milliseconds after which a cell that goes on is interrupted again: it may have been about to start. */
const interruptAgain = 2000;

/** One run. */
export class NotebookRunner {
  readonly #notebook: Notebook;
  readonly #client: KernelClient;
  readonly #settings: RunSettings;
  readonly #report: ProgressReport;
  readonly #metadata: PapermillMetadata;
  readonly #save: () => Promise<void>;
  readonly #recorder = new OutputRecorder();
  /** Cells by the id of their finished request: output may come after a cell's end. */
  readonly #finished = new Map<string, CodeCell>();
  readonly #ended = new AbortController();
  #interrupted = false;

  constructor(
    notebook: Notebook,
    client: KernelClient,
    settings: RunSettings,
    report: ProgressReport,
    metadata: PapermillMetadata,
    save: () => Promise<void>,
  ) {
    this.#notebook = notebook;
    this.#client = client;
    this.#settings = settings;
    this.#report = report;
    this.#metadata = metadata;
    this.#save = save;
  }

  /** The code cells that have something to run. */
  static countCells(notebook: Notebook): number {
    return notebook.cells.filter(hasCode).length;
  }

  /** Stops the cell that runs and ends the run after it. */
  async interrupt(): Promise<void> {
    this.#interrupted = true;
    await this.#interruptUntil(this.#ended.signal);
  }

  /** Runs all cells, or up to the first that fails. */
  async run(): Promise<{ readonly status: RunStatus; readonly cells: readonly CellResult[] }> {
    const stop = this.#client.onIopub((message) => this.#takeLateOutput(message));
    const cells: CellResult[] = [];
    try {
      const titles = cellTitles(this.#notebook.cells);
      let status: RunStatus = "ok";
      for (const [index, cell] of this.#notebook.cells.entries()) {
        if (!hasCode(cell)) continue;
        const result = await this.#runCell(cell, index, titles[index] ?? "", cells.length + 1);
        cells.push(result);
        await this.#save();
        status = this.#endsRun(cell, result);
        if (status !== "ok") break;
      }
      return { status, cells };
    } finally {
      this.#ended.abort();
      stop();
      for (const cell of this.#finished.values()) this.#recorder.finish(cell);
    }
  }

  /** The run's status where it ends with this cell, else "ok". */
  #endsRun(cell: CodeCell, { status }: CellResult): RunStatus {
    if (status === "skipped" || status === "ok") return this.#interrupted ? "interrupted" : "ok";
    const mayFail = this.#settings.allowErrors || mayRaise(cell);
    return status === "failed" && mayFail ? "ok" : status;
  }

  async #runCell(cell: CodeCell, index: number, title: string, position: number): Promise<CellResult> {
    const known = { index, id: cell.id, title };
    if (cellTags(cell).includes("skip-execution")) {
      this.#report.cellSkipped(position, title);
      return { ...known, status: "skipped", duration: 0 };
    }
    this.#report.cellStarted(position, title);
    this.#recorder.start(cell);
    this.#metadata.cellStarted(cell);
    const started = new Date();
    const clock = performance.now();
    const { status, error } = await this.#execute(cell);
    this.#recorder.finish(cell);
    this.#metadata.cellEnded(cell, started, status !== "ok");
    const duration = (performance.now() - clock) / 1000;
    const expected = status === "failed" && mayRaise(cell);
    this.#report.cellEnded(duration, expected ? undefined : remarks[status]);
    return {
      ...known,
      status,
      duration,
      ...(error === undefined ? {} : { error }),
      ...(expected ? { expected } : {}),
    };
  }

  async #execute(cell: CodeCell): Promise<Pick<CellResult, "error"> & { status: RunStatus }> {
    const watch = new AbortController();
    let timedOut = false;
    try {
      const execution = this.#client.execute(joinText(cell.source), {
        cellId: cell.id,
        // Cells are sent one by one: an error has nothing to abort, and must not abort the next one.
        stopOnError: false,
      });
      if (this.#settings.timeout !== undefined) {
        void this.#interruptAfter(this.#settings.timeout, watch.signal, () => (timedOut = true));
      }
      for await (const output of execution) this.#takeOutput(cell, output);
      const reply = await execution.reply;
      cell.execution_count = reply.execution_count;
      this.#finished.set(execution.id, cell);
      return { ...this.#judge(reply, timedOut) };
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      const status = timedOut ? "timeout" : this.#interrupted ? "interrupted" : "died";
      const message =
        status === "died"
          ? error.message
          : "the cell did not react to being interrupted, and the kernel was ended";
      const output: OutputMessage = {
        type: "error",
        ename: "KernelDied",
        evalue: message,
        traceback: [`KernelDied: ${message}`],
      };
      this.#takeOutput(cell, output);
      return { status, error: { name: output.ename, message } };
    } finally {
      watch.abort();
    }
  }

  #judge(reply: ExecuteReply, timedOut: boolean): Pick<CellResult, "error"> & { status: RunStatus } {
    if (reply.status === "ok") return { status: "ok" };
    const status = timedOut ? "timeout" : this.#interrupted ? "interrupted" : "failed";
    if (reply.status === "aborted") return { status };
    return { status, error: { name: reply.ename, message: reply.evalue } };
  }

  async #interruptAfter(timeout: number, signal: AbortSignal, onTimeout: () => void): Promise<void> {
    try {
      await delay(timeout, undefined, { signal });
      onTimeout();
      void this.#interruptUntil(signal);
      await delay(interruptPatience, undefined, { signal });
      await this.#client.kill();
    } catch {
      // The cell ended in time.
    }
  }

  async #interruptUntil(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      // A kernel that has just ended answers no more; whoever waits for the cell hears of that.
      void this.#client.interrupt({ timeout: interruptPatience }).catch(() => {});
      await delay(interruptAgain, undefined, { signal: over }).catch(() => {});
    }
  }

  #takeOutput(cell: CodeCell, output: OutputMessage): void {
    this.#recorder.add(cell, output);
    this.#report.output(output);
  }

  #takeLateOutput(message: Message): void {
    const cell = this.#finished.get(parentId(message) ?? "");
    const output = cell === undefined ? undefined : parseOutputMessage(message);
    if (cell !== undefined && output !== undefined) this.#takeOutput(cell, output);
  }
}

const remarks: Readonly<Record<RunStatus, string | undefined>> = {
  ok: undefined,
  failed: "failed",
  timeout: "timed out",
  interrupted: "interrupted",
  died: "the kernel ended",
};

function hasCode(cell: Notebook["cells"][number]): cell is CodeCell {
  return cell.cell_type === "code" && joinText(cell.source).trim() !== "";
}

function mayRaise(cell: CodeCell): boolean {
  return cellTags(cell).includes("raises-exception");
}
