/** @file Parts of an answer between the thread that makes them and whoever reads them. */
import type { InferenceTensor } from "../../inference.ts";

type Part = readonly InferenceTensor[];

/** Parts in their order; reading them waits for those to come, until the end. */
export class PartQueue implements AsyncIterable<Part> {
  hasEnded = false;
  readonly #parts: Part[] = [];
  #wake: () => void = () => {};

  add(part: Part): void {
    this.#parts.push(part);
    this.#wake();
  }

  end(): void {
    this.hasEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Part> {
    for (;;) {
      const part = this.#parts.shift();
      if (part) yield part;
      else if (this.hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
