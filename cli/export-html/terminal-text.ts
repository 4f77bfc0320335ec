/**
 * @file What a terminal would show after text with carriage returns, backspaces and cursor moves was
 * printed to it: progress bars end as their last state. Colour sequences (SGR) stay in the result, each
 * character keeping the colours it was printed with; every other control sequence is gone.
 */

const escape = "\u001b";
const csi = /\u001b\[([0-9:;<=>?]*)[ -/]*([@-~])/y;
// OSC and other strings (ended by BEL or ST), and two-character escapes.
const otherSequences =
  /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-Z\\^-~])/g;
const otherControls =
  /[\u0000-\u0007\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]|\u001b(?!\[[0-9:;<=>?]*[ -/]*[@-~])/g;
const needsScreen = /[\b\r]|\u001b\[[0-9:;<=>?]*[@-ln-~]/;

interface Cell {
  character: string;
  style: string;
}

class Screen {
  readonly lines: Cell[][] = [[]];
  row = 0;
  column = 0;
  style = "";

  line(): Cell[] {
    while (this.lines.length <= this.row) this.lines.push([]);
    return this.lines[this.row] ?? [];
  }

  print(character: string): void {
    const line = this.line();
    while (line.length < this.column) line.push({ character: " ", style: "" });
    line[this.column] = { character, style: this.style };
    this.column += 1;
  }

  colour(parameters: string): void {
    const sequence = `${escape}[${parameters}m`;
    const resets = parameters === "" || /^0*$/.test(parameters);
    this.style = resets ? "" : /^0+;/.test(parameters) ? sequence : this.style + sequence;
  }

  control(parameters: string, final: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    if (final === "m") this.colour(parameters);
    else if (final === "A" || final === "F") this.row = Math.max(0, this.row - count);
    else if (final === "B" || final === "E") this.row = Math.min(this.lines.length, this.row + count);
    else if (final === "C") this.column += count;
    else if (final === "D") this.column = Math.max(0, this.column - count);
    else if (final === "G") this.column = count - 1;
    else if (final === "K") this.eraseInLine(parameters);
    else if (final === "J" && /^[23]$/.test(parameters)) this.clear();
    if (final === "E" || final === "F") this.column = 0;
  }

  eraseInLine(parameters: string): void {
    const line = this.line();
    if (parameters === "" || parameters === "0") line.length = Math.min(line.length, this.column);
    else if (parameters === "2") line.length = 0;
    else for (let index = 0; index <= this.column; index += 1) line[index] = { character: " ", style: "" };
  }

  clear(): void {
    this.lines.length = 0;
    this.row = 0;
    this.column = 0;
  }

  text(): string {
    let style = "";
    let result = "";
    for (const [index, line] of this.lines.entries()) {
      if (index > 0) result += "\n";
      for (const cell of line) {
        if (cell.style !== style) {
          result += (style === "" ? "" : `${escape}[0m`) + cell.style;
          style = cell.style;
        }
        result += cell.character;
      }
    }
    return style === "" ? result : `${result}${escape}[0m`;
  }
}

function replay(text: string): string {
  const screen = new Screen();
  let index = 0;
  while (index < text.length) {
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (character === escape) {
      csi.lastIndex = index;
      const match = csi.exec(text);
      if (match?.[2] !== undefined) screen.control(match[1] ?? "", match[2]);
      index += Math.max(1, match?.[0].length ?? 1);
      continue;
    }
    if (character === "\r") screen.column = 0;
    else if (character === "\b") screen.column = Math.max(0, screen.column - 1);
    else if (character === "\n") {
      screen.row += 1;
      screen.column = 0;
      screen.line();
    } else screen.print(character);
    index += character.length;
  }
  return screen.text();
}

/** Resolves everything in printed text that moves the cursor; only text, newlines, tabs and SGR remain. */
export function resolveTerminalText(text: string): string {
  const normal = text.replaceAll("\r\n", "\n").replace(otherSequences, "").replace(otherControls, "");
  return needsScreen.test(normal) ? replay(normal) : normal;
}
