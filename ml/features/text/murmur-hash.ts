const encoder = new TextEncoder();

/**
 * MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011, public domain) of a text's UTF-8 bytes as a signed number: what
 * scikit-learn's hashing and ONNX Runtime's MurmurHash3 compute.
 */
export function murmurHash(text: string): number {
  const bytes = encoder.encode(text);
  const { length } = bytes;
  const whole = length & ~3;
  let hash = 0;
  for (let at = 0; at < whole; at += 4) {
    const block =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = rotate(hash ^ mixed(block), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= whole; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  if (length > whole) hash ^= mixed(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(block: number): number {
  return Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
