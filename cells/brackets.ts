/** @file Brackets that a piece of source leaves open. */

const pairs: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** One token that matters to brackets: strings, templates, comments and regular expressions hide theirs. */
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|[`()[\]{}]|\$\{|\\[\s\S]/g;

/** The closing brackets that are missing at the end, innermost first, templates' backquotes among them. */
export function openBrackets(source: string): string {
  const closers: string[] = [];
  for (const [text] of source.matchAll(token)) {
    const inTemplate = closers.at(-1) === "`";
    if (text === "`") {
      if (inTemplate) closers.pop();
      else closers.push("`");
    } else if (text === "${") {
      closers.push("}");
    } else if (inTemplate) continue;
    else if (text in pairs) closers.push(pairs[text] ?? "");
    else if (closers.at(-1) === text) closers.pop();
  }
  return closers.toReversed().join("");
}
