/**
 * @file The distance of each point to its k-th nearest other one, in one dimension by sorting, in two by a k-d tree
 * (Bentley, "Multidimensional binary search trees", 1975).
 */

/** Distances on a line: `sorted` ascends, k is less than the number of points. */
export function lineDistances(sorted: Float64Array, k: number): Float64Array {
  const count = sorted.length;
  return sorted.map((value, index) => {
    // The k nearest are neighbours in order: of the windows of k + 1 points that hold this one, the tightest.
    let nearest = Number.POSITIVE_INFINITY;
    for (let before = Math.max(0, index + k - count + 1, 0); before <= Math.min(k, index); before++) {
      const low = value - (sorted[index - before] ?? 0);
      const high = (sorted[index - before + k] ?? 0) - value;
      nearest = Math.min(nearest, Math.max(low, high));
    }
    return nearest;
  });
}

const leafSize = 12;

/** Distances in the plane, as the larger of the coordinates' differences; k is less than the number of points. */
export function planeDistances(x: Float64Array, y: Float64Array, k: number): Float64Array {
  const tree = new PlaneTree(x, y);
  return x.map((value, index) => tree.distance(value, y[index] ?? 0, k));
}

/** Points halved by the median of the coordinate in which they are further apart, again and again. */
class PlaneTree {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  /** For the point in the middle of a part: whether it divides the part by y. */
  readonly #byY: Uint8Array;
  #nearest = new Float64Array(0);

  constructor(x: Float64Array, y: Float64Array) {
    this.#x = Float64Array.from(x);
    this.#y = Float64Array.from(y);
    this.#byY = new Uint8Array(x.length);
    this.#build(0, x.length);
  }

  /** The distance from one of the points to the k-th nearest other one. */
  distance(x: number, y: number, k: number): number {
    // The point itself is among those that are found, at distance 0.
    if (this.#nearest.length !== k + 1) this.#nearest = new Float64Array(k + 1);
    this.#nearest.fill(Number.POSITIVE_INFINITY);
    this.#search(0, this.#x.length, x, y);
    return this.#nearest[k] ?? 0;
  }

  #build(from: number, to: number): void {
    if (to - from <= leafSize) return;
    const middle = (from + to) >>> 1;
    const isByY = spread(this.#y, from, to) > spread(this.#x, from, to);
    this.#byY[middle] = isByY ? 1 : 0;
    if (isByY) select(this.#y, this.#x, from, to, middle);
    else select(this.#x, this.#y, from, to, middle);
    this.#build(from, middle);
    this.#build(middle + 1, to);
  }

  #search(from: number, to: number, x: number, y: number): void {
    if (to - from <= leafSize) {
      for (let at = from; at < to; at++) this.#meet(at, x, y);
      return;
    }
    const middle = (from + to) >>> 1;
    const difference = this.#byY[middle] === 1 ? y - (this.#y[middle] ?? 0) : x - (this.#x[middle] ?? 0);
    this.#meet(middle, x, y);
    const last = this.#nearest.length - 1;
    if (difference < 0) {
      this.#search(from, middle, x, y);
      if (-difference < (this.#nearest[last] ?? 0)) this.#search(middle + 1, to, x, y);
    } else {
      this.#search(middle + 1, to, x, y);
      if (difference <= (this.#nearest[last] ?? 0)) this.#search(from, middle, x, y);
    }
  }

  #meet(at: number, x: number, y: number): void {
    const distance = Math.max(Math.abs(x - (this.#x[at] ?? 0)), Math.abs(y - (this.#y[at] ?? 0)));
    const nearest = this.#nearest;
    let place = nearest.length - 1;
    if (distance >= (nearest[place] ?? 0)) return;
    for (; place > 0 && distance < (nearest[place - 1] ?? 0); place--)
      nearest[place] = nearest[place - 1] ?? 0;
    nearest[place] = distance;
  }
}

function spread(values: Float64Array, from: number, to: number): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = from; at < to; at++) {
    const value = values[at] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

/** Brings to `place` what a sort would, smaller ones before it and larger ones behind (Hoare's selection). */
function select(keys: Float64Array, others: Float64Array, from: number, to: number, place: number): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = medianOfThree(keys[low] ?? 0, keys[(low + high) >>> 1] ?? 0, keys[high] ?? 0);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((keys[left] ?? 0) < pivot) left++;
      while ((keys[right] ?? 0) > pivot) right--;
      if (left > right) break;
      swap(keys, left, right);
      swap(others, left, right);
      left++;
      right--;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(values: Float64Array, a: number, b: number): void {
  const held = values[a] ?? 0;
  values[a] = values[b] ?? 0;
  values[b] = held;
}
