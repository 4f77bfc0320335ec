/** @file Text that is no TypeScript, as comments and back. Each function and its opposite lose nothing. */
import { parseMagics } from "../../cells/magics.ts";

/** All lines as comments. A line that would look like a cell's marker gets a backslash. */
export function commentAll(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^(\\*)(%%(?:[ \t]|$))/, "$1\\$2"))
    .map((line) => (line === "" ? "//" : `// ${line}`))
    .join("\n");
}

/** The opposite of {@link commentAll}. */
export function uncommentAll(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^\/\/ ?/, "").replace(/^(\\*)\\(%%(?:[ \t]|$))/, "$1$2"))
    .join("\n");
}

/**
 * Magic lines as comments; what `%time` measures stays code. Comments that look like such a line get one more pair of
 * slashes.
 */
export function commentMagics(source: string): string {
  const parsed = parseMagics(source);
  const starts = new Map<number, string>();
  if (parsed.kind === "cell") starts.set(source.indexOf("%%"), parsed.name);
  else for (const { name, start } of parsed.lines) starts.set(start, name);
  let offset = 0;
  return source
    .split("\n")
    .map((line) => {
      const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
      const name = starts.get(offset + indent.length);
      offset += line.length + 1;
      const rest = line.slice(indent.length);
      if (parsed.kind === "lines" && (name === "time" || name === "timeit"))
        return `${indent}/* %${name} */${rest.slice(name.length + 1)}`;
      return name !== undefined || /^(?:\/\/ )+%/.test(rest) ? `${indent}// ${rest}` : line;
    })
    .join("\n");
}

/** The opposite of {@link commentMagics}. */
export function uncommentMagics(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line
        .replace(/^([ \t]*)\/\/ ((?:\/\/ )*%)/, "$1$2")
        .replace(/^([ \t]*)\/\* (%time(?:it)?) \*\//, "$1$2"),
    )
    .join("\n");
}
