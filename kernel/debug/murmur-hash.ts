/** @file MurmurHash2, by which Jupyter frontends name a cell's file without asking the kernel. */

const multiplier = 0x5b_d1_e9_95;

/** The 32-bit MurmurHash2 (Austin Appleby's MurmurHash2 for x86) of a text's UTF-8 bytes. */
export function murmurHash2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const tail = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let offset = 0; offset < tail; offset += 4) {
    let block = Math.imul(bytes.readInt32LE(offset), multiplier);
    block = Math.imul(block ^ (block >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ block;
  }
  if (tail < bytes.length) {
    for (let offset = bytes.length - 1; offset >= tail; offset--) {
      hash ^= (bytes[offset] ?? 0) << (8 * (offset - tail));
    }
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) >>> 0;
}
