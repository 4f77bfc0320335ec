/** @file Positions in generated code to positions in its source. All positions are zero-based, in UTF-16 units. */
import {
  GREATEST_LOWER_BOUND,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";

/** A zero-based position. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** True where `a` lies before `b`. */
export function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** Reads one source map; without one, code and source are the same text. */
export class PositionMap {
  readonly #map: TraceMap | undefined;

  constructor(map: string | undefined) {
    this.#map = map === undefined ? undefined : new TraceMap(map);
  }

  /** The name of the first source, as the map has it. */
  get sourceName(): string | undefined {
    return this.#map?.sources[0] ?? undefined;
  }

  /** The text of the first source, where the map carries it. */
  get sourceText(): string | undefined {
    return this.#map?.sourcesContent?.[0] ?? undefined;
  }

  /** Where generated code comes from; undefined for code that the compiler made up. */
  toSource(position: Position): Position | undefined {
    if (this.#map === undefined) return position;
    for (const bias of [GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND] as const) {
      const found = originalPositionFor(this.#map, {
        line: position.line + 1,
        column: position.column,
        bias,
      });
      if (found.line !== null) return { line: found.line - 1, column: found.column };
    }
    return undefined;
  }
}
