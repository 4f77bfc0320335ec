/** @file The words of MLflow's search language. */
import { invalidParameter } from "../mlflow-error.ts";

export interface FilterToken {
  readonly kind: "name" | "text" | "quotedName" | "number" | "operator" | "punctuation";
  /** The content, without quotes. */
  readonly text: string;
  /** As it stands in the filter. */
  readonly source: string;
}

const patterns: readonly (readonly [FilterToken["kind"], RegExp])[] = [
  ["text", /'((?:[^']|'')*)'/y],
  ["quotedName", /`([^`]*)`|"([^"]*)"/y],
  ["number", /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\w])/uy],
  ["name", /[\p{L}_\d][\p{L}\w/:-]*/uy],
  ["operator", /!=|<>|<=|>=|=|<|>/y],
  ["punctuation", /[.,()]/y],
];

/** Splits a filter or an ordering into tokens. Throws MLflow's error at what is none. */
export function tokenize(filter: string): readonly FilterToken[] {
  const tokens: FilterToken[] = [];
  let at = 0;
  while (at < filter.length) {
    if (/\s/.test(filter.charAt(at))) {
      at += 1;
      continue;
    }
    const token = tokenAt(filter, at);
    if (!token) throw invalidParameter(`Invalid clause(s) in filter string: '${filter.slice(at)}'`);
    tokens.push(token);
    at += token.source.length;
  }
  return tokens;
}

function tokenAt(filter: string, at: number): FilterToken | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(filter);
    if (!found) continue;
    const [source] = found;
    const text = found[1] ?? found[2] ?? source;
    return { kind, text: kind === "text" ? text.replaceAll("''", "'") : text, source };
  }
  return undefined;
}
