/**
 * @file One of some versions by weight. With a key the choice is by weighted rendezvous hashing (Schindelhauer and Schomaker,
 * SPAA 2005): a change of weights moves only as many keys as it must, and always to the version that gains.
 */

/** A choice between versions. */
export interface WeightedChoice {
  /** A version: of a key always the same, without one by chance. */
  choose(key: string | undefined): string;
}

/** @param random numbers from 0 up and below 1 */
export function weightedChoice(
  routes: readonly { readonly version: string; readonly weight: number }[],
  random: () => number = Math.random,
): WeightedChoice {
  const [only] = routes;
  if (!only) throw new RangeError("a choice needs a version");
  if (routes.length === 1) return { choose: () => only.version };
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  const seeded = routes.map(({ version, weight }) => ({ version, weight, seed: hashText(version) }));
  const byChance = (): string => {
    let left = random() * total;
    for (const { version, weight } of routes) if ((left -= weight) < 0) return version;
    return only.version;
  };
  const byKey = (key: string): string => {
    const hash = hashText(key);
    let [best, least] = [only.version, Infinity];
    for (const { version, weight, seed } of seeded) {
      const uniform = (mix(Math.imul(hash ^ seed, 0x9e3779b1)) + 0.5) / 4294967296;
      const score = -Math.log(uniform) / weight;
      if (score < least) [best, least] = [version, score];
    }
    return best;
  };
  return { choose: (key) => (key === undefined ? byChance() : byKey(key)) };
}

/** FNV-1a over UTF-16 units, then MurmurHash3's finalizer, for its last bits are not even by themselves. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
