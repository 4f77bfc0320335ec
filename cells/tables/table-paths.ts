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
/** What of it stands for a column. */
const column = "col";

type DeclarationOf = (name: string) => CellDeclaration | undefined;

/** True where a cell imports what reads files. */
export function importsReader({ declarations }: CellAnalysis): boolean {
  return declarations.some((declaration) => isImport(declaration, reader));
}

/** True where a text begins behind the source, and it is one that names a column: `col("`. */
export function namesColumn(before: string, { declarations }: CellAnalysis, earlier: DeclarationOf): boolean {
  const callee =
    /(?<![.\p{ID_Continue}$])([\p{ID_Continue}$]+(?:\.[\p{ID_Continue}$]+)?)\s*\(\s*["'`]$/u.exec(
      before,
    )?.[1];
  return callee !== undefined && means(callee, column, declarations, earlier);
}

/**
 * The calls of `read("…")` in a cell; `earlier` has the declarations of earlier cells' names. Renamed imports and the
 * module as a whole (`data.read`) are followed.
 */
export function tableReads(
  source: string,
  { declarations, textCalls }: CellAnalysis,
  earlier: DeclarationOf,
): TableRead[] {
  const calls = textCalls.filter(({ callee }) => means(callee, reader, declarations, earlier));
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

/** Whether a callee, `name` or `name.member`, is this export of the module. */
function means(
  callee: string,
  exported: string,
  declarations: readonly CellDeclaration[],
  earlier: DeclarationOf,
): boolean {
  const [name = "", member] = callee.split(".");
  const declaration = declarations.findLast((own) => own.name === name) ?? earlier(name);
  if (declaration === undefined || !isImport(declaration, exported)) return false;
  return declaration.imported?.name === "*" ? member === exported : member === undefined;
}

function isImport({ kind, imported }: CellDeclaration, exported: string): boolean {
  return (
    kind === "import" &&
    imported?.module === tableModule &&
    (imported.name === exported || imported.name === "*")
  );
}
