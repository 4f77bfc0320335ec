/**
 * @file Terminal output to HTML. The sixteen named colours become classes that the page themes for light and dark;
 * the 256-colour cube and 24-bit colours become inline styles.
 */
import { type Html, escapeHtml, trusted } from "./html.ts";
import type { Style } from "./sgr.ts";
import { terminalRuns } from "./terminal-text.ts";

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
  let result = "";
  for (const run of terminalRuns(text)) {
    const tag = open(run.style);
    result += tag === "" ? escapeHtml(run.text) : `${tag}${escapeHtml(run.text)}</span>`;
  }
  return trusted(result);
}
