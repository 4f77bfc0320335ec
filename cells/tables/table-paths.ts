/** @file The files that a cell reads by a path that stands in it. */
import type { CellAnalysis, CellDeclaration, TextCall } from "../analysis.ts";
import { tableModule } from "./table-declarations.ts";

/** A call of `read("…")`. */
export interface TableRead extends TextCall {
  /**
   * True where the cell names the path elsewhere too, as a text: it may write the file before it reads it, so what is
   * there now says nothing.
   */
  readonly isWritten: boolean;
}

/** What of the module reads files. */
const reader = "read";

/** True where a cell imports what reads files. */
export function importsReader({ declarations }: CellAnalysis): boolean {
  return declarations.some(isReaderImport);
}

/**
 * The calls of `read("…")` in a cell; `earlier` has the declarations of earlier cells' names. Renamed imports and the
 * module as a whole (`data.read`) are followed.
 */
export function tableReads(
  source: string,
  { declarations, textCalls }: CellAnalysis,
  earlier: (name: string) => CellDeclaration | undefined,
): TableRead[] {
  const calls = textCalls.filter(({ callee }) => {
    const [name = "", member] = callee.split(".");
    const declaration = declarations.findLast((own) => own.name === name) ?? earlier(name);
    if (declaration === undefined || !isReaderImport(declaration)) return false;
    return declaration.imported?.name === "*" ? member === reader : member === undefined;
  });
  return calls.map(({ callee, text, start, end }) => {
    const written = source.slice(start, end);
    const reads = calls.filter((other) => source.slice(other.start, other.end) === written).length;
    return { callee, text, start, end, isWritten: timesQuoted(source, written) > reads };
  });
}

function timesQuoted(source: string, text: string): number {
  const quotes = new Set(['"', "'", "`"]);
  let count = 0;
  for (let at = source.indexOf(text); at !== -1; at = source.indexOf(text, at + 1)) {
    if (quotes.has(source[at - 1] ?? "") && quotes.has(source[at + text.length] ?? "")) count += 1;
  }
  return count;
}

function isReaderImport({ kind, imported }: CellDeclaration): boolean {
  return (
    kind === "import" &&
    imported?.module === tableModule &&
    (imported.name === reader || imported.name === "*")
  );
}
