/**
 * @file Turns the outputs that a kernel sends into the outputs of a notebook's cells, as Jupyter's frontends do.
 *
 * Consecutive chunks of one stream are one output; a display that is updated changes wherever in the notebook it is
 * shown; `clear_output` with `wait` takes effect with the next output. While a cell runs its streams hold one string;
 * {@link OutputRecorder.finish} leaves them in nbformat's form.
 */
import {
  type CellOutput,
  type CodeCell,
  type DisplayCellOutput,
  type JsonObject,
  type ResultCellOutput,
  joinText,
  splitText,
} from "./notebook-file.ts";
import type { DisplayOutput, MimeBundle, OutputMessage, ResultOutput } from "./output-message.ts";
import { StreamText } from "./stream-text.ts";

type DisplayRecord = DisplayCellOutput | ResultCellOutput;

/** Records the outputs of one notebook's run. */
export class OutputRecorder {
  readonly #displays = new Map<string, Set<DisplayRecord>>();
  readonly #streams = new WeakMap<CellOutput, StreamText>();
  readonly #toClear = new WeakSet<CodeCell>();

  /** Empties a cell that is about to run. */
  start(cell: CodeCell): void {
    this.#clear(cell);
    this.#toClear.delete(cell);
    cell.execution_count = null;
  }

  /** Adds one of the cell's outputs. */
  add(cell: CodeCell, output: OutputMessage): void {
    if (output.type === "clear_output") {
      if (output.wait) this.#toClear.add(cell);
      else this.#clear(cell);
      return;
    }
    if (output.type === "update_display_data") {
      this.#update(output);
      return;
    }
    if (this.#toClear.delete(cell)) this.#clear(cell);
    switch (output.type) {
      case "stream":
        this.#addStream(cell, output.name, output.text);
        break;
      case "display_data":
      case "execute_result":
        this.#addDisplay(cell, output);
        break;
      case "error":
        cell.outputs.push({
          ename: output.ename,
          evalue: output.evalue,
          output_type: "error",
          traceback: [...output.traceback],
        });
    }
  }

  /** Brings the cell's streams into the form that files have. */
  finish(cell: CodeCell): void {
    for (const output of cell.outputs) {
      if (output.output_type === "stream") output.text = splitText(joinText(output.text));
    }
  }

  #addStream(cell: CodeCell, name: string, text: string): void {
    const last = cell.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) {
      let stream = this.#streams.get(last);
      if (stream === undefined) {
        stream = new StreamText(joinText(last.text));
        this.#streams.set(last, stream);
      }
      stream.write(text);
      last.text = stream.text;
      return;
    }
    const stream = new StreamText(text);
    const added: CellOutput = { name, output_type: "stream", text: stream.text };
    this.#streams.set(added, stream);
    cell.outputs.push(added);
  }

  #addDisplay(cell: CodeCell, output: DisplayOutput | ResultOutput): void {
    // A display with a known id also updates the earlier ones.
    this.#update(output);
    const content = { data: storedBundle(output.data), metadata: { ...output.metadata } };
    const added: DisplayRecord =
      output.type === "execute_result"
        ? {
            data: content.data,
            execution_count: output.executionCount,
            metadata: content.metadata,
            output_type: "execute_result",
          }
        : { ...content, output_type: "display_data" };
    cell.outputs.push(added);
    if (output.displayId === undefined) return;
    const shown = this.#displays.get(output.displayId) ?? new Set();
    this.#displays.set(output.displayId, shown.add(added));
  }

  #update(output: DisplayOutput | ResultOutput): void {
    if (output.displayId === undefined) return;
    for (const shown of this.#displays.get(output.displayId) ?? []) {
      shown.data = storedBundle(output.data);
      shown.metadata = { ...output.metadata };
    }
  }

  #clear(cell: CodeCell): void {
    for (const output of cell.outputs) {
      if (output.output_type !== "display_data" && output.output_type !== "execute_result") continue;
      for (const shown of this.#displays.values()) shown.delete(output);
    }
    cell.outputs = [];
  }
}

/** A bundle as nbformat stores it: texts as lines, in the order of their MIME types. */
function storedBundle(data: MimeBundle): JsonObject {
  const stored: JsonObject = {};
  for (const type of Object.keys(data).sort()) {
    const value = data[type];
    const isText = type.startsWith("text/") || type === "image/svg+xml" || type === "application/javascript";
    stored[type] = isText && typeof value === "string" ? splitText(value) : value;
  }
  return stored;
}
