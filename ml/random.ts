/**
 * @file Seeded random numbers: the same seed gives the same sequence on every machine and Node release.
 *
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its
 * state filled from the seed by splitmix32. It is not for cryptography.
 */

/** A seeded stream of random numbers. */
export class Random {
  readonly #state: Uint32Array;

  /** @param seed any integer; only its lowest 32 bits count */
  constructor(seed: number) {
    this.#state = Uint32Array.from(splitmix32(seed, 4));
  }

  /** The next integer in [0, 2³²). */
  uint32(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const nextC = c ^ a;
    const nextD = d ^ b;
    state[1] = b ^ nextC;
    state[0] = a ^ nextD;
    state[2] = nextC ^ (b << 9);
    state[3] = rotateLeft(nextD, 11);
    return scrambled;
  }

  /** The next number in [0, 1), in steps of 2⁻³². */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** The next number of the standard normal distribution, by the Box-Muller transform. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher-Yates). */
  shuffle(values: Uint32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = Math.floor(this.uniform() * (last + 1));
      const held = values[last] ?? 0;
      values[last] = values[other] ?? 0;
      values[other] = held;
    }
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function* splitmix32(seed: number, count: number): Generator<number> {
  let state = seed | 0;
  for (let index = 0; index < count; index++) {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    yield (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
