/**
 * @file The source map of a rewritten cell, made when it is needed: by an error, or the debugger.
 *
 * The input's own source map is carried over by moving its segments with their pieces, in one pass and without a second
 * map.
 */
import { decodedMappings, encodedMappings, presortedDecodedMap, TraceMap } from "@jridgewell/trace-mapping";
import type { SourceMapSegment } from "@jridgewell/trace-mapping";

/** A stretch of rewritten code: a range of the input, or new text whose errors are reported at input offset `at`. */
export type Piece =
  { readonly start: number; readonly end: number } | { readonly text: string; readonly at: number };

/** Text that was put into the source before it was transformed; positions behind it move back by its length. */
export interface SourceInsertion {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What a source map is made from. */
export interface SourceMapParts {
  /** The code that was rewritten. */
  readonly code: string;
  readonly pieces: readonly Piece[];
  /** Encoded mappings from `code` to its source. */
  readonly mappings: string;
  /** The name of the source. */
  readonly fileName: string;
  readonly insertion: SourceInsertion | undefined;
}

/** The source map, version 3, as JSON text. */
export function sourceMap({ code, pieces, mappings, fileName, insertion }: SourceMapParts): string {
  const base = { version: 3 as const, sources: [fileName], names: [] };
  const input = new OffsetMap(code, decodedMappings(new TraceMap({ ...base, mappings })));
  const output = new MappingBuilder(insertion);
  for (const piece of pieces) {
    if ("text" in piece) output.text(piece.text, input.at(piece.at));
    else output.range(code, piece.start, piece.end, input);
  }
  const encoded = encodedMappings(presortedDecodedMap({ ...base, mappings: output.lines }));
  return JSON.stringify({ ...base, mappings: encoded });
}

/** A decoded source map addressed by offsets into the generated code. */
class OffsetMap {
  readonly offsets: number[] = [];
  readonly positions: (readonly [line: number, column: number])[] = [];

  constructor(code: string, lines: readonly (readonly Readonly<SourceMapSegment>[])[]) {
    let lineStart = 0;
    for (const line of lines) {
      for (const segment of line) {
        if (segment.length === 1) continue;
        this.offsets.push(lineStart + segment[0]);
        this.positions.push([segment[2], segment[3]]);
      }
      const next = code.indexOf("\n", lineStart);
      if (next === -1) break;
      lineStart = next + 1;
    }
  }

  /** The index of the last segment at or before `offset`; -1 where there is none. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  at(offset: number): readonly [number, number] | undefined {
    // The first segment stands for what comes before it, such as a generated prologue.
    return this.positions[Math.max(0, this.indexAt(offset))];
  }
}

class MappingBuilder {
  readonly lines: SourceMapSegment[][] = [[]];
  readonly insertion: SourceInsertion | undefined;
  #column = 0;

  constructor(insertion: SourceInsertion | undefined) {
    this.insertion = insertion;
  }

  text(text: string, position: readonly [number, number] | undefined): void {
    this.#add(position);
    this.#advance(text, 0, text.length);
  }

  range(code: string, start: number, end: number, map: OffsetMap): void {
    let index = map.indexAt(start);
    let position = start;
    this.#add(map.positions[Math.max(index, 0)]);
    for (index++; index < map.offsets.length; index++) {
      const offset = map.offsets[index] ?? end;
      if (offset >= end) break;
      this.#advance(code, position, offset);
      position = offset;
      this.#add(map.positions[index]);
    }
    this.#advance(code, position, end);
  }

  #add(position: readonly [number, number] | undefined): void {
    if (position === undefined) return;
    const [line, column] = position;
    const { insertion } = this;
    const moved = insertion !== undefined && line === insertion.line && column >= insertion.column;
    const source = moved ? Math.max(insertion.column, column - insertion.length) : column;
    const current = this.lines.at(-1);
    const last = current?.at(-1);
    if (last !== undefined && last[0] === this.#column) current?.pop();
    current?.push([this.#column, 0, line, source]);
  }

  #advance(code: string, start: number, end: number): void {
    let position = start;
    for (;;) {
      const next = code.indexOf("\n", position);
      if (next === -1 || next >= end) break;
      this.lines.push([]);
      this.#column = 0;
      position = next + 1;
    }
    this.#column += end - position;
  }
}
