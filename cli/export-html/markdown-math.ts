/**
 * @file Math in Markdown, as Jupyter reads it: `$…$` and `\\(…\\)` in a line; `$$…$$`, `\\[…\\]` and
 * `\begin{…}…\end{…}` as blocks. A dollar amount ("$5 and $6") is not math.
 */
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";

interface Found {
  readonly source: string;
  readonly display: boolean;
  readonly end: number;
}

const delimiters: readonly (readonly [open: string, close: string, display: boolean])[] = [
  ["$$", "$$", true],
  ["\\\\[", "\\\\]", true],
  ["\\\\(", "\\\\)", false],
  ["$", "$", false],
];

function closing(text: string, close: string, from: number): number {
  for (let at = text.indexOf(close, from); at !== -1; at = text.indexOf(close, at + 1)) {
    let backslashes = 0;
    while (close.startsWith("$") && text[at - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function isMoney(text: string, start: number, end: number): boolean {
  return /\s/.test(text[start] ?? " ") || /\s/.test(text[end - 1] ?? " ") || /\d/.test(text[end + 1] ?? "");
}

function findEnvironment(text: string, at: number): Found | undefined {
  const name = /^\\begin\{([a-zA-Z]+\*?)\}/.exec(text.slice(at, at + 40))?.[1];
  if (name === undefined) return undefined;
  const close = `\\end{${name}}`;
  const end = text.indexOf(close, at);
  if (end === -1) return undefined;
  return { source: text.slice(at, end + close.length), display: true, end: end + close.length };
}

function findMath(text: string, at: number): Found | undefined {
  for (const [open, close, display] of delimiters) {
    if (!text.startsWith(open, at)) continue;
    const start = at + open.length;
    const end = closing(text, close, start);
    if (end <= start) return undefined;
    if (open === "$" && isMoney(text, start, end)) return undefined;
    return { source: text.slice(start, end).trim(), display, end: end + close.length };
  }
  return findEnvironment(text, at);
}

function inlineRule(state: StateInline, silent: boolean): boolean {
  const found = findMath(state.src, state.pos);
  if (found === undefined) return false;
  if (!silent) {
    const token = state.push("math", "math", 0);
    token.content = found.source;
    token.meta = { display: found.display };
  }
  state.pos = found.end;
  return true;
}

function blockRule(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const text = state.src.slice(0, state.eMarks[endLine - 1]);
  const found = findMath(text, start);
  if (found === undefined || !found.display) return false;
  let lastLine = startLine;
  while (lastLine < endLine && (state.eMarks[lastLine] ?? Number.POSITIVE_INFINITY) < found.end)
    lastLine += 1;
  const rest = state.src.slice(found.end, state.eMarks[lastLine]);
  if (rest.trim() !== "") return false;
  if (silent) return true;
  const token = state.push("math", "math", 0);
  token.block = true;
  token.content = found.source;
  token.meta = { display: true };
  token.map = [startLine, lastLine + 1];
  state.line = lastLine + 1;
  return true;
}

/** Adds math to a Markdown renderer; `render` answers the HTML for a formula. */
export function mathPlugin(markdown: MarkdownIt, render: (source: string, display: boolean) => string): void {
  markdown.inline.ruler.before("escape", "math", inlineRule);
  markdown.block.ruler.before("fence", "math", blockRule, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  markdown.renderer.rules["math"] = (tokens, index) => {
    const token = tokens[index];
    if (token === undefined) return "";
    const display =
      token.meta !== null && typeof token.meta === "object" && Reflect.get(token.meta, "display") === true;
    const formula = render(token.content, display);
    return token.block ? `<p>${formula}</p>\n` : formula;
  };
}
