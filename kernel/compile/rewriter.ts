/**
 * @file Rewrites JavaScript by ranges. The output is a list of pieces: ranges copied from the input, in any order, and
 * inserted text.
 */
import type { Piece, SourceInsertion, SourceMapParts } from "./source-map.ts";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** At one offset: what closes the text before comes first, then what opens the text behind, then replacements. */
  readonly order: 0 | 1 | 2;
}

export class Rewriter {
  readonly #edits: Edit[] = [];
  readonly #pieces: Piece[] = [];
  #sorted = true;

  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }

  /** Replaces a range wherever it is copied to. Edits must not overlap. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text, order: 2 });
    this.#sorted = false;
  }

  /** Inserts text that goes with what follows it. */
  insertBefore(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, order: 1 });
    this.#sorted = false;
  }

  /** Inserts text that goes with what precedes it. */
  insertAfter(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, order: 0 });
    this.#sorted = false;
  }

  /** Appends new text; errors in it are reported at input offset `at`. */
  append(text: string, at: number): void {
    if (text !== "") this.#pieces.push({ text, at });
  }

  /** Appends an input range with its edits applied. */
  copy(start: number, end: number): void {
    if (!this.#sorted) {
      this.#edits.sort((a, b) => a.start - b.start || a.order - b.order);
      this.#sorted = true;
    }
    let position = start;
    for (let index = this.#firstEdit(start); index < this.#edits.length; index++) {
      const edit = this.#edits[index];
      if (edit === undefined || edit.end > end || (edit.start === end && edit.order !== 0)) break;
      if (edit.start === start && edit.order === 0) continue;
      if (edit.start > position) this.#pieces.push({ start: position, end: edit.start });
      this.append(edit.text, edit.start);
      position = Math.max(position, edit.end);
    }
    if (position < end) this.#pieces.push({ start: position, end });
  }

  #firstEdit(offset: number): number {
    let low = 0;
    let high = this.#edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#edits[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  toString(): string {
    return this.#pieces
      .map((piece) => ("text" in piece ? piece.text : this.code.slice(piece.start, piece.end)))
      .join("");
  }

  /** What the source map of {@link toString} is made from, given the encoded mappings of the input. */
  mapParts(mappings: string, fileName: string, insertion?: SourceInsertion): SourceMapParts {
    return { code: this.code, pieces: this.#pieces, mappings, fileName, insertion };
  }
}
