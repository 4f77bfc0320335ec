/**
 * @file Colour sequences (SGR) to HTML. The sixteen named colours become classes that the page themes for
 * light and dark; the 256-colour cube and 24-bit colours become inline styles.
 */
import { type Html, escapeHtml, trusted } from "./html.ts";
import { resolveTerminalText } from "./terminal-text.ts";

interface Style {
  foreground: string | undefined;
  background: string | undefined;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

const plain: Style = {
  foreground: undefined,
  background: undefined,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
};

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function indexedColour(index: number): string | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return (index < 8 ? "" : "bright-") + (names[index % 8] ?? "");
  if (index >= 232) {
    const level = 8 + (index - 232) * 10;
    return `rgb(${level} ${level} ${level})`;
  }
  const levels = [0, 95, 135, 175, 215, 255];
  const cube = index - 16;
  const channel = (divisor: number): number => levels[Math.floor(cube / divisor) % 6] ?? 0;
  return `rgb(${channel(36)} ${channel(6)} ${channel(1)})`;
}

/** Reads the colour after a 38 or 48; answers it and how many parameters it took. */
function extendedColour(
  codes: readonly number[],
  at: number,
): { colour: string | undefined; length: number } {
  if (codes[at] === 5) return { colour: indexedColour(codes[at + 1] ?? -1), length: 2 };
  if (codes[at] !== 2) return { colour: undefined, length: 0 };
  const channels = codes.slice(at + 1, at + 4).map((value) => Math.min(255, Math.max(0, value || 0)));
  return { colour: channels.length === 3 ? `rgb(${channels.join(" ")})` : undefined, length: 4 };
}

function apply(style: Style, parameters: string): Style {
  let next = { ...style };
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) next = { ...plain };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.faint = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 9) next.strike = true;
    else if (code === 22) next = { ...next, bold: false, faint: false };
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code === 29) next.strike = false;
    else if (code === 38 || code === 48) {
      const { colour, length } = extendedColour(codes, index + 1);
      next[code === 38 ? "foreground" : "background"] = colour;
      index += length;
    } else if (code === 39) next.foreground = undefined;
    else if (code === 49) next.background = undefined;
    else if (code >= 30 && code <= 37) next.foreground = indexedColour(code - 30);
    else if (code >= 40 && code <= 47) next.background = indexedColour(code - 40);
    else if (code >= 90 && code <= 97) next.foreground = indexedColour(code - 82);
    else if (code >= 100 && code <= 107) next.background = indexedColour(code - 92);
  }
  return next;
}

function textOn(background: string): string {
  const [red = 0, green = 0, blue = 0] = (background.match(/\d+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000" : "#fff";
}

function open(style: Style): string {
  const classes: string[] = [];
  const rules: string[] = [];
  const foreground = style.inverse ? style.background : style.foreground;
  const background = style.inverse ? style.foreground : style.background;
  const paint = (colour: string, prefix: string, property: string): void => {
    if (colour.startsWith("rgb(")) rules.push(`${property}:${colour}`);
    else classes.push(`nb-${prefix}-${colour}`);
  };
  if (background !== undefined) paint(background, "bg", "background-color");
  if (background === undefined && style.inverse) classes.push("nb-inverse");
  else if (background === undefined && foreground !== undefined) paint(foreground, "fg", "color");
  // The named colours are chosen for the page's ground; on another ground the text must be readable first.
  else if (background?.startsWith("rgb(") === true)
    rules.push(`color:${foreground?.startsWith("rgb(") === true ? foreground : textOn(background)}`);
  else if (background !== undefined) classes.push("nb-on-colour");
  for (const name of ["bold", "faint", "italic", "underline", "strike"] as const)
    if (style[name]) classes.push(`nb-${name}`);
  if (classes.length === 0 && rules.length === 0) return "";
  const classAttribute = classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  const styleAttribute = rules.length > 0 ? ` style="${rules.join(";")}"` : "";
  return `<span${classAttribute}${styleAttribute}>`;
}

/** Terminal output as HTML: carriage returns and cursor moves resolved, colours as spans, the rest escaped. */
export function ansiToHtml(text: string): Html {
  const resolved = resolveTerminalText(text);
  const sequence = /\u001b\[([0-9:;<=>?]*)[ -/]*m/g;
  let style = plain;
  let at = 0;
  let result = "";
  const put = (piece: string): void => {
    if (piece === "") return;
    const tag = open(style);
    result += tag === "" ? escapeHtml(piece) : `${tag}${escapeHtml(piece)}</span>`;
  };
  for (const match of resolved.matchAll(sequence)) {
    put(resolved.slice(at, match.index));
    const parameters = match[1] ?? "";
    if (!/[<=>?]/.test(parameters)) style = apply(style, parameters);
    at = match.index + match[0].length;
  }
  put(resolved.slice(at));
  return trusted(result);
}
