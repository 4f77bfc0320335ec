/** @file The files that a cell reads by a path that stands in it. */
import type { CellAnalysis, CellDeclaration, TextCall } from "../analysis.ts";
import { tableModule } from "./table-declarations.ts";

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
  { declarations, textCalls }: CellAnalysis,
  earlier: (name: string) => CellDeclaration | undefined,
): TextCall[] {
  return textCalls.filter(({ callee }) => {
    const [name = "", member] = callee.split(".");
    const declaration = declarations.findLast((own) => own.name === name) ?? earlier(name);
    if (declaration === undefined || !isReaderImport(declaration)) return false;
    return declaration.imported?.name === "*" ? member === reader : member === undefined;
  });
}

function isReaderImport({ kind, imported }: CellDeclaration): boolean {
  return (
    kind === "import" &&
    imported?.module === tableModule &&
    (imported.name === reader || imported.name === "*")
  );
}
