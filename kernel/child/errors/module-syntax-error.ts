/** @file A local module that does not parse. */
import type { SourcePosition } from "./scripts.ts";

export class ModuleSyntaxError extends Error {
  override readonly name = "SyntaxError";
  /** Where, if that is known; not a property, so that it isn't shown as one. */
  readonly #place: SourcePosition | undefined;

  constructor(message: string, place: SourcePosition | undefined) {
    super(message);
    this.#place = place;
  }

  get place(): SourcePosition | undefined {
    return this.#place;
  }
}
