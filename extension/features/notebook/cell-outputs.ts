/**
 * @file The outputs of one cell as they come in.
 *
 * Text is shown at once, and what follows within a moment is gathered, so that a cell which prints a lot does not flood
 * the window. Text beyond a limit goes to a file, and the cell says where it is: nothing is lost.
 */
import {
  type NotebookCell,
  type NotebookCellExecution,
  NotebookCellOutput,
  NotebookCellOutputItem,
  l10n,
} from "vscode";
import type { OutputMessage, StreamOutput } from "../../../jupyter/output-message.ts";
import { OverflowFile } from "../../notebook/overflow-file.ts";
import type { Displays } from "./displays.ts";
import { bundleItems, bundleOutput, errorOutput, textSize } from "./output-items.ts";

/** Milliseconds for which text is gathered after some has been shown. */
const gatherTime = 40;

export interface OutputPlace {
  readonly displays: Displays;
  /** So many characters of text are shown for one cell. */
  readonly textLimit: number;
  /** Where text beyond the limit goes: a new file each time. */
  readonly overflowFile: (extension: string) => string;
  /** Changes outputs of a cell that is not running. */
  readonly change: (cell: NotebookCell, action: (execution: NotebookCellExecution) => void) => void;
}

export class CellOutputs {
  readonly #execution: NotebookCellExecution;
  readonly #place: OutputPlace;
  #stream: { readonly name: string; readonly output: NotebookCellOutput } | undefined;
  #gathered = "";
  #gatheredName = "stdout";
  #timer: NodeJS.Timeout | undefined;
  #clearsNext = false;
  #characters = 0;
  #overflow: OverflowFile | undefined;

  constructor(execution: NotebookCellExecution, place: OutputPlace) {
    this.#execution = execution;
    this.#place = place;
  }

  /** Shows one output. */
  add(message: OutputMessage): void {
    if (message.type === "stream") {
      this.#text(message);
      return;
    }
    this.flush();
    switch (message.type) {
      case "clear_output":
        if (message.wait) this.#clearsNext = true;
        else this.#clear();
        return;
      case "update_display_data":
        this.#update(message.displayId, bundleItems(message.data));
        return;
      case "error":
        this.#append(errorOutput(message));
        return;
      default: {
        this.#update(message.displayId, bundleItems(message.data));
        const count = message.type === "execute_result" ? message.executionCount : undefined;
        const output = bundleOutput(message.data, message.metadata, message.type, count);
        if (textSize(output.items) > this.#place.textLimit) {
          this.#putAside(output);
          return;
        }
        this.#append(output);
        if (message.displayId !== undefined)
          this.#place.displays.add(message.displayId, { cell: this.#execution.cell, output });
      }
    }
  }

  /** Shows the text that is gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#show();
  }

  /** Ends with all shown. */
  close(): void {
    this.flush();
    this.#overflow?.close();
  }

  #show(): void {
    if (this.#gathered === "") return;
    const text = this.#gathered;
    this.#gathered = "";
    const item =
      this.#gatheredName === "stderr"
        ? NotebookCellOutputItem.stderr(text)
        : NotebookCellOutputItem.stdout(text);
    if (this.#stream?.name === this.#gatheredName) {
      void this.#execution.appendOutputItems(item, this.#stream.output);
      return;
    }
    const output = new NotebookCellOutput([item], { outputType: "stream" });
    this.#append(output);
    this.#stream = { name: this.#gatheredName, output };
  }

  #text({ name, text }: StreamOutput): void {
    if (this.#characters >= this.#place.textLimit) {
      this.#spill(text);
      return;
    }
    this.#characters += text.length;
    if (name !== this.#gatheredName) this.flush();
    this.#gatheredName = name;
    this.#gathered += text;
    if (this.#timer === undefined) this.#showAndGather();
  }

  #showAndGather(): void {
    this.#show();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#gathered !== "") this.#showAndGather();
    }, gatherTime);
  }

  #spill(text: string): void {
    if (this.#overflow === undefined) {
      this.#overflow = this.#openOverflow("txt");
      this.flush();
      this.#note(
        l10n.t(
          "… {0} MB of text are shown. The rest goes to {1} (setting: tenon.notebook.textLimit)",
          Math.round(this.#place.textLimit / 1_000_000),
          this.#overflow.path,
        ),
      );
    }
    this.#overflow.write(text);
  }

  /** An output that would choke the window goes to a file. */
  #putAside({ items }: NotebookCellOutput): void {
    const [largest] = items.toSorted((a, b) => b.data.byteLength - a.data.byteLength);
    if (largest === undefined) return;
    const file = this.#openOverflow(largest.mime === "text/html" ? "html" : "txt");
    file.write(largest.data);
    file.close();
    const size = Math.round(largest.data.byteLength / 1_000_000);
    this.#note(
      l10n.t(
        "… An output of {0} MB is not shown. It is in {1} (setting: tenon.notebook.textLimit)",
        size,
        file.path,
      ),
    );
  }

  #openOverflow(extension: string): OverflowFile {
    const path = this.#place.overflowFile(extension);
    return new OverflowFile(path, ({ message }) =>
      this.#note(l10n.t("… The rest of the text is lost, it could not be written: {0}", message)),
    );
  }

  #note(text: string): void {
    const item = NotebookCellOutputItem.stderr(`${text}\n`);
    const { cell } = this.#execution;
    this.#stream = undefined;
    // A disk may be full after the cell has ended.
    this.#place.change(cell, (execution) => {
      void execution.appendOutput(new NotebookCellOutput([item], { outputType: "stream" }));
    });
  }

  #append(output: NotebookCellOutput): void {
    if (this.#clearsNext) this.#clear();
    this.#stream = undefined;
    void this.#execution.appendOutput(output);
  }

  #clear(): void {
    this.#clearsNext = false;
    this.#stream = undefined;
    this.#characters = 0;
    this.#place.displays.forget(this.#execution.cell);
    void this.#execution.clearOutput();
  }

  #update(id: string | undefined, items: NotebookCellOutputItem[]): void {
    if (id === undefined) return;
    for (const { cell, output } of this.#place.displays.of(id)) {
      if (cell === this.#execution.cell) void this.#execution.replaceOutputItems(items, output);
      else this.#place.change(cell, (execution) => void execution.replaceOutputItems(items, output));
    }
  }
}
