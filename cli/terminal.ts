/** @file Writing to a terminal: colours only where they are wanted, lines that can be rewritten only where they can. */

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** What a terminal is written to through; `process.stdout` is one. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** One of the program's output streams. */
export class Terminal {
  /** Whether lines can be rewritten. */
  readonly interactive: boolean;
  readonly coloured: boolean;
  readonly #stream: TerminalStream;

  constructor(stream: TerminalStream, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#stream = stream;
    const isTTY = stream.isTTY === true;
    this.interactive = isTTY && env["TERM"] !== "dumb";
    const forced = env["FORCE_COLOR"];
    // https://no-color.org: set and not empty, whatever its value.
    if (env["NO_COLOR"]) this.coloured = false;
    else this.coloured = forced === undefined ? this.interactive : forced !== "0";
  }

  get width(): number {
    // Some pseudo-terminals say 0.
    return this.#stream.columns || 100;
  }

  write(text: string): void {
    this.#stream.write(text);
  }

  line(text = ""): void {
    this.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    if (!this.coloured) return text;
    const [on, off] = codes[style];
    return `\u001B[${on}m${text}\u001B[${off}m`;
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const escapes = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\))/g;

/** The text without terminal escape sequences. */
export function plainText(text: string): string {
  return text.replaceAll(escapes, "");
}

/** The text without escape sequences other than colours, which could move the cursor or change the terminal. */
export function colouredText(text: string): string {
  return text.replaceAll(escapes, (sequence) => (sequence.endsWith("m") ? sequence : ""));
}

/** Seconds as people read them: `0.12 s`, `4.2 s`, `1 min 05 s`, `1 h 02 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
