/** @file A typed set of listeners. */

/** Removes what it was returned for. */
export type Unsubscribe = () => void;

/** Calls its listeners in the order in which they came; one that is removed meanwhile is not called. */
export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Arguments) => void>();

  /** Adds a listener; the same function is held once. */
  add(listener: (...values: Arguments) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(...values: Arguments): void {
    for (const listener of this.#listeners) listener(...values);
  }
}
