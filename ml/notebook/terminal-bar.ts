/**
 * @file Progress in a terminal: one line on stderr that is rewritten at most ten times a second. Where stderr is no
 * terminal, a line when a bar ends and one every ten seconds, so that logs stay short.
 */

const redrawEvery = 100;
const logEvery = 10_000;
const barWidth = 20;

/** Where the text goes; `process.stderr` but in tests. */
export interface BarOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Draws the bars that run, outermost first. */
export class TerminalBars {
  readonly #output: BarOutput;
  readonly #now: () => number;
  readonly #bars: TerminalBar[] = [];
  #lastDraw: number;

  constructor(output: BarOutput = process.stderr, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
    this.#lastDraw = output.isTTY === true ? -Infinity : now();
  }

  start(label: string, unit: string, total: number | undefined): TerminalBar {
    const bar = new TerminalBar(this, this.#now, { label, unit, total });
    this.#bars.push(bar);
    this.draw();
    return bar;
  }

  draw(): void {
    const time = this.#now();
    const terminal = this.#output.isTTY === true;
    if (time - this.#lastDraw < (terminal ? redrawEvery : logEvery)) return;
    this.#lastDraw = time;
    const line = this.#bars.map((bar) => bar.text()).join("  ›  ");
    if (terminal) this.#output.write(`\r${line.slice(0, (this.#output.columns ?? 100) - 1)}\u001b[K`);
    else this.#output.write(`${line}\n`);
  }

  /** The ended bar's last state stays as a line of its own where it was the outermost. */
  ended(bar: TerminalBar): void {
    const depth = this.#bars.indexOf(bar);
    if (depth >= 0) this.#bars.splice(depth, 1);
    if (depth !== 0) return;
    this.#output.write(this.#output.isTTY === true ? `\r${bar.text()}\u001b[K\n` : `${bar.text()}\n`);
    this.#lastDraw = this.#output.isTTY === true ? -Infinity : this.#now();
  }
}

/** One bar's count and its line of text. */
export class TerminalBar {
  readonly #bars: TerminalBars;
  readonly #now: () => number;
  readonly #label: string;
  readonly #unit: string;
  readonly #total: number | undefined;
  readonly #start: number;
  #done = 0;
  #note = "";
  #end: { readonly at: number; readonly failed: boolean } | undefined;

  constructor(
    bars: TerminalBars,
    now: () => number,
    options: { readonly label: string; readonly unit: string; readonly total: number | undefined },
  ) {
    this.#bars = bars;
    this.#now = now;
    this.#label = options.label;
    this.#unit = options.unit;
    this.#total = options.total;
    this.#start = now();
  }

  set(done: number): void {
    this.#done = done;
    if (this.#end === undefined) this.#bars.draw();
  }

  advance(count: number): void {
    this.set(this.#done + count);
  }

  note(text: string): void {
    this.#note = text;
    if (this.#end === undefined) this.#bars.draw();
  }

  /** Only the first end counts. */
  end(failed: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = { at: this.#now(), failed };
    this.#bars.ended(this);
  }

  text(): string {
    const seconds = ((this.#end?.at ?? this.#now()) - this.#start) / 1000;
    const rate = seconds > 0 ? this.#done / seconds : 0;
    const parts: string[] = this.#label === "" ? [] : [this.#label];
    if (this.#total === undefined) parts.push(this.#done.toLocaleString("en-US"));
    else {
      const share = this.#total <= 0 ? 1 : Math.min(1, this.#done / this.#total);
      const full = Math.round(share * barWidth);
      parts.push(`${Math.floor(share * 100)}%`.padStart(4), "█".repeat(full) + "░".repeat(barWidth - full));
      parts.push(`${this.#done.toLocaleString("en-US")}/${this.#total.toLocaleString("en-US")}`);
    }
    if (this.#unit !== "") parts.push(this.#unit);
    parts.push(`${seconds.toFixed(1)} s`);
    if (this.#end === undefined && this.#total !== undefined && rate > 0) {
      parts.push(`(${(Math.max(0, this.#total - this.#done) / rate).toFixed(0)} s left)`);
    }
    if (this.#end?.failed === true) parts.push("failed");
    if (this.#note !== "") parts.push(`· ${this.#note}`);
    return parts.join(" ");
  }
}
