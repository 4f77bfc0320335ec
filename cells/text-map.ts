/** @file Offsets between a cell's source and the module that is made of it. */
import type { SourceEdit } from "./analysis.ts";

/** The source with the edits applied. */
export function applyEdits(source: string, edits: readonly SourceEdit[]): string {
  let text = "";
  let position = 0;
  for (const edit of inOrder(edits)) {
    text += source.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return text + source.slice(position);
}

/** A module's text: a generated header, the cell with some edits, a generated footer. */
export class ModuleText {
  readonly text: string;
  readonly #header: number;
  readonly #edits: readonly SourceEdit[];
  readonly #bodyEnd: number;

  constructor(header: string, source: string, edits: readonly SourceEdit[], footer: string) {
    const body = applyEdits(source, edits);
    this.text = `${header}${body}${footer}`;
    this.#header = header.length;
    this.#edits = inOrder(edits);
    this.#bodyEnd = header.length + body.length;
  }

  /** The source offset of an offset into the module, or where it lies outside the cell. */
  toSource(offset: number): number | "header" | "footer" {
    if (offset < this.#header) return "header";
    if (offset > this.#bodyEnd) return "footer";
    let shift = this.#header;
    for (const { start, end, text } of this.#edits) {
      const generated = start + shift;
      if (offset < generated) break;
      if (offset < generated + text.length) return Math.min(end, start + (offset - generated));
      shift += text.length - (end - start);
    }
    return offset - shift;
  }

  /** The offset into the module of a source offset. */
  toModule(offset: number): number {
    let shift = this.#header;
    for (const { start, end, text } of this.#edits) {
      if (offset < end || (offset === end && text.length < end - start)) {
        return offset <= start ? offset + shift : Math.min(offset, start + text.length) + shift;
      }
      shift += text.length - (end - start);
    }
    return offset + shift;
  }
}

function inOrder(edits: readonly SourceEdit[]): readonly SourceEdit[] {
  return edits.length < 2 ? edits : edits.toSorted((a, b) => a.start - b.start);
}
