/**
 * @file Random bits by position: each block of four numbers is a function of a counter and a key, whatever was drawn
 * before, so that streams can be drawn in any order, in parts and in parallel.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). It
 * is not for cryptography.
 */

/** What distinguishes streams: two words of key and the three upper words of the counter; all in [0, 2³²). */
export interface PhiloxStream {
  readonly key: readonly [number, number];
  readonly counter: readonly [number, number, number];
}

// The multipliers 0xD2511F53 and 0xCD9E8D57 in halves: a product of 32 bits by 32 is made of four of 16 by 16.
const [low0, high0] = [0x1f53, 0xd251];
const [low1, high1] = [0x8d57, 0xcd9e];

/**
 * Fills `words` with a stream's bits from block `first` on: the block number is the lowest word of the counter, and each
 * block gives four words. A last block may be cut.
 */
export function fillPhilox(words: Uint32Array, { key, counter }: PhiloxStream, first = 0): void {
  const blocks = Math.ceil(words.length / 4);
  for (let block = 0; block < blocks; block++) {
    let c0 = (first + block) | 0;
    let c1 = counter[0] | 0;
    let c2 = counter[1] | 0;
    let c3 = counter[2] | 0;
    let k0 = key[0] | 0;
    let k1 = key[1] | 0;
    for (let round = 0; round < 10; round++) {
      const l0 = c0 & 0xffff;
      const h0 = c0 >>> 16;
      const l1 = c2 & 0xffff;
      const h1 = c2 >>> 16;
      const a0 = Math.imul(low0, h0);
      const b0 = Math.imul(high0, l0);
      const a1 = Math.imul(low1, h1);
      const b1 = Math.imul(high1, l1);
      const middle0 = (Math.imul(low0, l0) >>> 16) + (a0 & 0xffff) + (b0 & 0xffff);
      const middle1 = (Math.imul(low1, l1) >>> 16) + (a1 & 0xffff) + (b1 & 0xffff);
      const upper0 = (Math.imul(high0, h0) + (a0 >>> 16) + (b0 >>> 16) + (middle0 >>> 16)) | 0;
      const upper1 = (Math.imul(high1, h1) + (a1 >>> 16) + (b1 >>> 16) + (middle1 >>> 16)) | 0;
      const lower0 = Math.imul(0xd2511f53, c0);
      const lower1 = Math.imul(0xcd9e8d57, c2);
      c0 = upper1 ^ c1 ^ k0;
      c1 = lower1;
      c2 = upper0 ^ c3 ^ k1;
      c3 = lower0;
      k0 = (k0 + 0x9e3779b9) | 0;
      k1 = (k1 + 0xbb67ae85) | 0;
    }
    const at = 4 * block;
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;
  }
}
