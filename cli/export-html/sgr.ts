/** @file The colours and emphasis of terminals: SGR (select graphic rendition) sequences, ECMA-48 section 8.3.117. */

/** How characters are printed. Colours are a name of the sixteen (`bright-red`) or `rgb(r g b)`. */
export interface Style {
  foreground: string | undefined;
  background: string | undefined;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

/** No colour and no emphasis. */
export const plainStyle: Style = {
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

/** The style after an SGR sequence with these parameters; private ones (`>4`) change nothing. */
export function applySgr(style: Style, parameters: string): Style {
  if (/[<=>?]/.test(parameters)) return style;
  let next = { ...style };
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) next = { ...plainStyle };
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
