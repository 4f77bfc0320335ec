/** @file Which message a cell's output answers, also long after the cell has ended. */
import { noParent, type Parent } from "./sockets.ts";

const remembered = 4096;

/** Request ids to the messages that started them; the oldest are forgotten. */
export class RequestParents {
  readonly #parents = new Map<string, Parent>();
  #latest: Parent = noParent;

  /** Remembers that `request` works for `parent`. */
  set(request: string, parent: Parent): void {
    this.#parents.set(request, parent);
    this.#latest = parent;
    if (this.#parents.size > remembered) {
      const oldest = this.#parents.keys().next();
      if (oldest.done !== true) this.#parents.delete(oldest.value);
    }
  }

  /** The message behind a request; for one that is forgotten, the newest. */
  get(request: string): Parent {
    return this.#parents.get(request) ?? this.#latest;
  }
}
