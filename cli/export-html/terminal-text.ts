/**
 * @file What a terminal would show after text with colours, carriage returns, backspaces and cursor moves was printed
 * to it: progress bars end as their last state, and each character keeps the style it was printed with.
 */
import { type Style, applySgr, plainStyle } from "./sgr.ts";

/** Neighbouring characters of one style. */
export interface TerminalRun {
  readonly text: string;
  readonly style: Style;
}

const csi = /\u001b\[([0-9:;<=>?]*)[ -/]*([@-~])/y;
// OSC and other strings (ended by BEL or ST), and two-character escapes.
const otherSequences =
  /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-Z\\^-~])/g;
const otherControls =
  /[\u0000-\u0007\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]|\u001b(?!\[[0-9:;<=>?]*[ -/]*[@-~])/g;
const needsScreen = /[\b\r]|\u001b\[[0-9:;<=>?]*[ -/]*[@-ln-~]/;
// Moves beyond this come from broken output only, and would fill the page with spaces.
const farthestColumn = 2000;

interface Character {
  readonly text: string;
  readonly style: Style;
}

const blank: Character = { text: " ", style: plainStyle };

class Screen {
  readonly lines: Character[][] = [[]];
  row = 0;
  column = 0;
  style = plainStyle;

  line(): Character[] {
    const line = this.lines[this.row] ?? [];
    this.lines[this.row] = line;
    return line;
  }

  print(text: string): void {
    const line = this.line();
    while (line.length < this.column) line.push(blank);
    line[this.column] = { text, style: this.style };
    this.column += 1;
  }

  newLine(): void {
    this.row += 1;
    this.column = 0;
    this.line();
  }

  control(parameters: string, final: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    if (final === "m") this.style = applySgr(this.style, parameters);
    else if (final === "A" || final === "F") this.row = Math.max(0, this.row - count);
    else if (final === "B" || final === "E") this.row = Math.min(this.lines.length - 1, this.row + count);
    else if (final === "C") this.moveTo(this.column + count);
    else if (final === "D") this.moveTo(this.column - count);
    else if (final === "G") this.moveTo(count - 1);
    else if (final === "K") this.eraseInLine(parameters);
    else if (final === "J" && /^[23]$/.test(parameters)) this.clear();
    if (final === "E" || final === "F") this.column = 0;
  }

  moveTo(column: number): void {
    if (column < this.column || column <= farthestColumn) this.column = Math.max(0, column);
  }

  eraseInLine(parameters: string): void {
    const line = this.line();
    if (parameters === "" || parameters === "0") line.length = Math.min(line.length, this.column);
    else if (parameters === "2") line.length = 0;
    else if (parameters === "1") for (let at = 0; at <= this.column; at += 1) line[at] = blank;
  }

  clear(): void {
    this.lines.splice(0, this.lines.length, []);
    this.row = 0;
    this.column = 0;
  }

  characters(): Character[] {
    const newline: Character = { text: "\n", style: plainStyle };
    return this.lines.flatMap((line, index) => (index === 0 ? line : [newline, ...line]));
  }
}

function replay(text: string): Character[] {
  const screen = new Screen();
  let index = 0;
  while (index < text.length) {
    csi.lastIndex = index;
    const sequence = csi.exec(text);
    if (sequence?.[2] !== undefined) {
      screen.control(sequence[1] ?? "", sequence[2]);
      index += sequence[0].length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (character === "\r") screen.column = 0;
    else if (character === "\b") screen.column = Math.max(0, screen.column - 1);
    else if (character === "\n") screen.newLine();
    else screen.print(character);
    index += character.length;
  }
  return screen.characters();
}

/** Text whose only sequences are styles. */
function split(text: string): TerminalRun[] {
  const runs: TerminalRun[] = [];
  let style = plainStyle;
  let at = 0;
  for (const match of text.matchAll(new RegExp(csi, "g"))) {
    runs.push({ text: text.slice(at, match.index), style });
    style = applySgr(style, match[1] ?? "");
    at = match.index + match[0].length;
  }
  runs.push({ text: text.slice(at), style });
  return runs;
}

function joinRuns(pieces: readonly TerminalRun[]): TerminalRun[] {
  const runs: { text: string; style: Style }[] = [];
  for (const { text, style } of pieces) {
    const last = runs.at(-1);
    if (last?.style === style) last.text += text;
    else if (text !== "") runs.push({ text, style });
  }
  return runs;
}

/** Printed text as a terminal shows it, in runs of one style. */
export function terminalRuns(text: string): TerminalRun[] {
  const normal = text.replaceAll("\r\n", "\n").replace(otherSequences, "").replace(otherControls, "");
  return joinRuns(needsScreen.test(normal) ? replay(normal) : split(normal));
}
