/** @file What waits, the highest priority first and the earliest among equals: a binary heap. */

interface Entry<T> {
  readonly item: T;
  readonly priority: number;
  readonly sequence: number;
}

/** A queue by priority. */
export class PriorityQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #sequence = 0;

  get length(): number {
    return this.#heap.length;
  }

  push(item: T, priority: number): void {
    const entry = { item, priority, sequence: this.#sequence++ };
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (!above || isBefore(above, entry)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  /** Takes the first, undefined where none waits. */
  shift(): T | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first && last && this.#heap.length > 0) this.#sink(last);
    return first?.item;
  }

  /** Leaves out what is no longer wanted. */
  keep(isWanted: (item: T) => boolean): void {
    const kept = this.#heap.filter(({ item }) => isWanted(item));
    // A sorted list is a heap.
    kept.sort((first, second) => (isBefore(first, second) ? -1 : 1));
    this.#heap.splice(0, this.#heap.length, ...kept);
  }

  #sink(entry: Entry<T>): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [this.#heap[child], this.#heap[child + 1]];
      if (!left) break;
      let below = left;
      if (right && isBefore(right, left)) {
        child += 1;
        below = right;
      }
      if (isBefore(entry, below)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = entry;
  }
}

function isBefore(first: Entry<unknown>, second: Entry<unknown>): boolean {
  return (
    first.priority > second.priority ||
    (first.priority === second.priority && first.sequence < second.sequence)
  );
}
