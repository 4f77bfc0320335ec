/** @file Shows a run in the terminal: each cell's title, its output as it comes, its time. */
import { StreamText } from "../../jupyter/stream-text.ts";
import { type MultilineText, joinText } from "../../jupyter/notebook-file.ts";
import type {
  DisplayOutput,
  ErrorOutput,
  OutputMessage,
  ResultOutput,
} from "../../jupyter/output-message.ts";
import { type Terminal, colouredText, formatDuration, plainText } from "../terminal.ts";
import { LiveLines } from "./live-lines.ts";

const indent = "      ";
/** Lines of one shown value that are printed. */
const valueLines = 20;
/** Lines of a display that is updated in place. */
const liveLines = 6;
/** Milliseconds between two lines of a progress bar where lines can't be rewritten. */
const sparseInterval = 5000;

interface SparseDisplay {
  lines: readonly string[];
  printed: string;
  printedAt: number;
}

/** Reports one run. */
export class ProgressReport {
  readonly #terminal: Terminal;
  readonly #live: LiveLines;
  readonly #total: number;
  readonly #partial = new Map<string, StreamText>();
  readonly #displays = new Map<string, SparseDisplay>();
  /** Whether the cell's title still waits for the end of its line. */
  #titleOpen = false;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#live = new LiveLines(terminal);
    this.#total = total;
  }

  /** A line about the run itself. */
  note(text: string): void {
    this.#closeTitle();
    this.#live.write(`${text}\n`);
  }

  cellStarted(position: number, title: string): void {
    const number = `[${String(position).padStart(String(this.#total).length)}/${this.#total}]`;
    this.#terminal.write(`${this.#terminal.style("cyan", number)} ${this.#terminal.style("bold", title)}`);
    this.#titleOpen = true;
  }

  cellSkipped(position: number, title: string): void {
    this.cellStarted(position, title);
    this.#endLine(this.#terminal.style("dim", "skipped"));
  }

  output(output: OutputMessage): void {
    switch (output.type) {
      case "stream":
        this.#stream(output.name, output.text);
        break;
      case "error":
        this.#error(output);
        break;
      case "clear_output":
        break;
      case "execute_result":
      case "display_data":
      case "update_display_data":
        this.#display(output);
    }
  }

  /** `remark` tells how the cell ended where it was not well. */
  cellEnded(seconds: number, remark?: string): void {
    for (const name of this.#partial.keys()) this.#flush(name);
    this.#partial.clear();
    if (this.#terminal.interactive) this.#live.commit();
    for (const display of this.#displays.values()) this.#printSparse(display);
    this.#displays.clear();
    const time = this.#terminal.style("dim", formatDuration(seconds));
    this.#endLine(remark === undefined ? time : `${this.#terminal.style("red", remark)} ${time}`);
  }

  #endLine(text: string): void {
    this.#terminal.write(this.#titleOpen ? `  ${text}\n` : `${indent}${text}\n`);
    this.#titleOpen = false;
  }

  #closeTitle(): void {
    if (this.#titleOpen) this.#terminal.write("\n");
    this.#titleOpen = false;
  }

  #stream(name: string, text: string): void {
    this.#closeTitle();
    let partial = this.#partial.get(name);
    if (partial === undefined) {
      partial = new StreamText();
      this.#partial.set(name, partial);
    }
    partial.write(text);
    const lines = partial.takeLines();
    if (lines !== "") {
      this.#live.remove(name);
      const shown = lines
        .slice(0, -1)
        .split("\n")
        .map((line) => `${this.#streamLine(name, line)}\n`);
      this.#live.write(shown.join(""));
    }
    if (partial.text === "") this.#live.remove(name);
    else this.#live.set(name, [this.#streamLine(name, partial.text)]);
  }

  /** Ends a stream's last line where it has no line break. */
  #flush(name: string): void {
    const rest = this.#partial.get(name)?.text ?? "";
    this.#live.remove(name);
    if (rest !== "") this.#live.write(`${this.#streamLine(name, rest)}\n`);
  }

  #streamLine(name: string, line: string): string {
    const shown = this.#clean(line);
    return indent + (name === "stderr" ? this.#terminal.style("yellow", shown) : shown);
  }

  #error({ ename, evalue, traceback }: ErrorOutput): void {
    this.#closeTitle();
    const lines = traceback.length > 0 ? traceback.join("\n").split("\n") : [`${ename}: ${evalue}`];
    this.#live.write(lines.map((line) => `${indent}${this.#clean(line)}\n`).join(""));
  }

  #display(output: DisplayOutput | ResultOutput): void {
    const lines = describeBundle(output.data);
    const id = output.displayId;
    if (id === undefined) {
      this.#printValue(lines);
      return;
    }
    const shown = lines.slice(0, liveLines).map((line) => indent + this.#clean(line));
    if (this.#terminal.interactive) {
      this.#closeTitle();
      this.#live.set(`display ${id}`, shown);
      return;
    }
    const display = this.#displays.get(id) ?? { lines: [], printed: "", printedAt: -Infinity };
    this.#displays.set(id, display);
    display.lines = shown;
    if (performance.now() - display.printedAt >= sparseInterval) this.#printSparse(display);
  }

  #printSparse(display: SparseDisplay): void {
    const text = display.lines.map((line) => `${line}\n`).join("");
    if (text === display.printed) return;
    display.printed = text;
    display.printedAt = performance.now();
    this.#closeTitle();
    this.#live.write(text);
  }

  #printValue(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#closeTitle();
    const shown = lines.slice(0, valueLines).map((line) => (indent + this.#clean(line)).trimEnd());
    if (lines.length > valueLines) shown.push(`${indent}… ${lines.length - valueLines} more lines`);
    this.#live.write(shown.map((line) => `${line}\n`).join(""));
  }

  #clean(line: string): string {
    return this.#terminal.coloured ? colouredText(line) : plainText(line);
  }
}

/** The lines that stand for a shown value where only text can be shown. */
function describeBundle(data: Readonly<Record<string, unknown>>): string[] {
  const plain = data["text/plain"];
  const text =
    typeof plain === "string" || Array.isArray(plain)
      ? // SAFETY: MIME bundles carry text as a string or as its lines.
        joinText(plain as MultilineText)
      : Object.keys(data)
          .map((type) => `[${type}]`)
          .join(" ");
  return text === "" ? [] : text.replace(/\n+$/, "").split("\n");
}
