/** @file Code to HTML with a class for each kind of token; the page's style sheet colours them for both themes. */
import { type LRParser } from "@lezer/lr";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { parser as javascript } from "@lezer/javascript";
import { parser as json } from "@lezer/json";
import { parser as python } from "@lezer/python";
import { type Html, escapeHtml, trusted } from "./html.ts";

const highlighter = tagHighlighter([
  {
    tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.self, tags.null, tags.bool],
    class: "nb-keyword",
  },
  { tag: [tags.string, tags.special(tags.string), tags.character], class: "nb-string" },
  { tag: [tags.regexp, tags.escape], class: "nb-regexp" },
  { tag: tags.number, class: "nb-number" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment, tags.docComment], class: "nb-comment" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.standard(tags.name)], class: "nb-type" },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.function(tags.definition(tags.variableName)),
      tags.function(tags.definition(tags.propertyName)),
    ],
    class: "nb-function",
  },
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.attributeName], class: "nb-property" },
  { tag: [tags.meta, tags.annotation, tags.processingInstruction], class: "nb-meta" },
]);

const typescript = javascript.configure({ dialect: "ts" });
const parsers: Readonly<Record<string, LRParser>> = {
  typescript,
  ts: typescript,
  mts: typescript,
  tsx: javascript.configure({ dialect: "ts jsx" }),
  javascript,
  js: javascript,
  mjs: javascript,
  jsx: javascript.configure({ dialect: "jsx" }),
  json,
  python,
  py: python,
};

/** The parts of a cell that are magics: a whole `%%` cell, or the word that a `%` line begins with. */
function magics(source: string): { from: number; to: number }[] {
  if (source.startsWith("%%")) return [{ from: 0, to: source.search(/\n|$/) }];
  return [...source.matchAll(/^%[a-z]+\b/gm)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
  }));
}

function blank(source: string, ranges: readonly { from: number; to: number }[]): string {
  let text = source;
  for (const { from, to } of ranges) text = text.slice(0, from) + " ".repeat(to - from) + text.slice(to);
  return text;
}

/** Highlights code of a language; escaped plain text when the language isn't known. */
export function highlightCode(source: string, language: string): Html {
  const magicRanges = magics(source);
  const parser = source.startsWith("%%") ? undefined : parsers[language.toLowerCase()];
  const spans = magicRanges.map((range) => ({ ...range, className: "nb-meta" }));
  if (parser !== undefined)
    highlightTree(parser.parse(blank(source, magicRanges)), highlighter, (from, to, className) => {
      // A token may have several tags; the most specific class comes last.
      spans.push({ from, to, className: className.split(" ").at(-1) ?? className });
    });
  spans.sort((left, right) => left.from - right.from);
  let result = "";
  let at = 0;
  for (const span of spans) {
    if (span.from < at) continue;
    result += escapeHtml(source.slice(at, span.from));
    result += `<span class="${span.className}">${escapeHtml(source.slice(span.from, span.to))}</span>`;
    at = span.to;
  }
  return trusted(result + escapeHtml(source.slice(at)));
}
