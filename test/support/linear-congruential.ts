/** @file Random numbers that programs in other languages repeat in three lines; for reference data, not for statistics. */

/**
 * The linear congruential generator x ← (1664525 x + 1013904223) mod 2³² of Numerical Recipes (Press et al., 1992,
 * chapter 7.1), which starts at its seed.
 */
export class LinearCongruential {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next state over 2³²: in [0, 1). */
  uniform(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  /** The next whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }
}
