/** @file The record of a run in the notebook's metadata, in papermill's form, which other tools read. */
import { type Cell, type CodeCell, type Notebook, setSorted } from "../../jupyter/notebook-file.ts";

/** The state of a cell in papermill's words. */
export type CellStatus = "pending" | "running" | "completed" | "failed";

/** What identifies a run. */
export interface RunRecord {
  readonly version: string;
  readonly inputPath: string;
  readonly outputPath: string;
  readonly defaultParameters: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Keeps the metadata of a notebook that runs. */
export class PapermillMetadata {
  readonly #notebook: Notebook;
  readonly #record: RunRecord;
  readonly #started = new Date();

  constructor(notebook: Notebook, record: RunRecord) {
    this.#notebook = notebook;
    this.#record = record;
    for (const cell of notebook.cells) this.#set(cell, null, null, null, "pending");
    this.#setRun(null, null);
  }

  cellStarted(cell: CodeCell): void {
    this.#set(cell, new Date(), null, null, "running");
  }

  cellEnded(cell: CodeCell, started: Date, failed: boolean): void {
    this.#set(cell, started, new Date(), failed, failed ? "failed" : "completed");
  }

  /** `exception` says whether the run ended early. */
  runEnded(exception: boolean): void {
    this.#setRun(new Date(), exception ? true : null);
  }

  #set(
    cell: Cell,
    started: Date | null,
    ended: Date | null,
    failed: boolean | null,
    status: CellStatus,
  ): void {
    setSorted(cell.metadata, "papermill", {
      duration: started === null || ended === null ? null : seconds(started, ended),
      end_time: ended?.toISOString() ?? null,
      exception: failed,
      start_time: started?.toISOString() ?? null,
      status,
    });
  }

  #setRun(ended: Date | null, exception: true | null): void {
    const { version, inputPath, outputPath, defaultParameters, parameters } = this.#record;
    setSorted(this.#notebook.metadata, "papermill", {
      default_parameters: defaultParameters,
      duration: ended === null ? null : seconds(this.#started, ended),
      end_time: ended?.toISOString() ?? null,
      environment_variables: {},
      exception,
      input_path: inputPath,
      output_path: outputPath,
      parameters,
      start_time: this.#started.toISOString(),
      version: `tenon ${version}`,
    });
  }
}

function seconds(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
