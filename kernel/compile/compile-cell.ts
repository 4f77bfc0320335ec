/** @file A cell's source to what the child evaluates. */
import { CellSyntaxError } from "./compiled-cell.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import { toJavaScript, importUses } from "./javascript.ts";
import type { JavaScriptCell } from "./javascript.ts";
import { showsResult } from "./last-statement.ts";
import { parenthesizeObjectLiteral } from "./object-literal.ts";
import { ReplScope } from "./repl-scope.ts";
import type { SourceInsertion } from "./source-map.ts";

/**
 * Compiles TypeScript for V8's REPL mode. `source` has its magics masked; `fileName` names the source in the map.
 * Throws {@link CellSyntaxError}.
 */
export function compileCell(source: string, fileName: string): CompiledCell {
  const { cell, text, insertion } = lower(source);
  const last = cell.program.body.at(-1);
  const lastIsExpression = last?.type === "ExpressionStatement" || last?.type === "ExportDefaultDeclaration";
  const show = showsResult(text, cell.restructured ? undefined : lastIsExpression);
  const hasImports = cell.program.body.some((statement) => statement.type === "ImportDeclaration");
  const uses = hasImports ? importUses(text) : undefined;
  const rewritten = new ReplScope(cell, text, show, uses).rewrite();
  return {
    code: rewritten.toString(),
    map: rewritten.mapParts(cell.mappings, fileName, insertion),
    hideResult: !show,
  };
}

interface LoweredCell {
  readonly cell: JavaScriptCell;
  readonly text: string;
  readonly insertion: SourceInsertion | undefined;
}

function lower(source: string): LoweredCell {
  try {
    const cell = toJavaScript(source);
    if (cell.program.body.at(-1)?.type === "BlockStatement") {
      const literal = parenthesizeObjectLiteral(source);
      if (literal !== undefined)
        return { cell: toJavaScript(literal.source), text: literal.source, insertion: literal.insertion };
    }
    return { cell, text: source, insertion: undefined };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    const literal = parenthesizeObjectLiteral(source);
    if (literal === undefined) throw error;
    try {
      return { cell: toJavaScript(literal.source), text: literal.source, insertion: literal.insertion };
    } catch {
      throw error;
    }
  }
}
