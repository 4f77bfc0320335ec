/** @file The syntax of a cell that is being typed at some offset. */
import type { CellAnalysis } from "../analysis.ts";
import { analyseCell, parseCell } from "../analyse-cell.ts";
import { openBrackets } from "../brackets.ts";
import { type ResolvedScopes, resolveScopes } from "../scopes.ts";

const placeholder = "$tenon_0";

export interface CellAround {
  readonly analysis: CellAnalysis;
  /** The scopes of the cell, completed so that it parses; nothing where that does not succeed. */
  readonly scopes: ResolvedScopes | undefined;
}

/** Analyses a cell as if the name at the offset were finished and the brackets closed. */
export function analyseAround(source: string, offset: number): CellAround {
  const exact = parseCell(source);
  const analysis = analyseCell(source);
  if (exact.errors.length === 0) return { analysis, scopes: resolveScopes(exact.program) };
  for (const repaired of repairs(source, offset)) {
    const parsed = parseCell(repaired);
    if (parsed.errors.length > 0) continue;
    const { declarations, freeNames, augments, textCalls } = analyseCell(repaired);
    const free = new Map([...freeNames].filter(([name]) => name !== placeholder));
    return {
      analysis: { ...analysis, declarations, freeNames: free, augments, textCalls },
      scopes: resolveScopes(parsed.program),
    };
  }
  return { analysis, scopes: undefined };
}

function* repairs(source: string, offset: number): Generator<string> {
  const before = source.slice(0, offset);
  const after = source.slice(offset);
  const name = /[\p{ID_Continue}$]$/u.test(before) ? "" : placeholder;
  yield `${before}${name}${after}`;
  yield `${before}${name};${after}`;
  const closers = openBrackets(before);
  const [, restOfLine = "", rest = ""] = /^([^\n]*)([\s\S]*)$/.exec(after) ?? [];
  yield `${before}${name}${closers}${after}`;
  yield `${before}${name}${closers};${rest}`;
  yield `${before}${name}${restOfLine}${openBrackets(before + restOfLine)}${rest}`;
  yield `${before}${name}${after}${openBrackets(source)}`;
  yield `${before}${name}${closers}`;
}
