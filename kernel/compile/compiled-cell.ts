/** @file What the compiler hands to the executor. */
import type { SourceMapParts } from "./source-map.ts";

/** A cell turned into JavaScript for V8's REPL mode. */
export interface CompiledCell {
  /** The code to evaluate; every top-level binding is a `let`, imports are awaited calls, `using` is down-levelled. */
  readonly code: string;
  /** For the source map from `code` to the cell's source. */
  readonly map: SourceMapParts;
  /** True where a trailing `;` (or a statement at the end) leaves nothing to show. */
  readonly hideResult: boolean;
}

/** A syntax error in a cell, with UTF-16 offsets into its source. */
export class CellSyntaxError extends Error {
  override readonly name = "SyntaxError";
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}
