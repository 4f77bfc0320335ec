/**
 * @file A histogram of numbers whose range nobody knows beforehand: buckets that grow with the magnitude, so that every value
 * is known to within a share of itself, as in DDSketch (Masson, Rim and Lee, VLDB 2019). Two sketches of parts of the data add up
 * to the sketch of the whole, whatever the parts and their order.
 */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { BucketCounts } from "./bucket-counts.ts";

/** A value is within 0.1 % of what its bucket stands for. */
const accuracy = 0.001;
const growth = (1 + accuracy) / (1 - accuracy);
const perLog = 1 / Math.log(growth);
/** Magnitudes below are counted as zero. */
const smallest = 1e-12;

const bucketsSchema = v.array(
  v.tuple([v.pipe(v.number(), v.safeInteger()), v.pipe(v.number(), v.minValue(0))]),
);
const countSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const sketchSchema = v.strictObject({
  kind: v.literal("numbers"),
  negative: bucketsSchema,
  zero: countSchema,
  positive: bucketsSchema,
  missing: countSchema,
});

/** A sketch as plain data: bucket numbers and their counts. */
export type NumberSketchJson = v.InferOutput<typeof sketchSchema>;

/** Counts numbers by their magnitude. */
export class NumberSketch {
  readonly #positive = new BucketCounts();
  readonly #negative = new BucketCounts();
  #zero = 0;
  #count = 0;
  #missing = 0;

  /** How many numbers there were, those that are missing not counted. */
  get count(): number {
    return this.#count;
  }

  /** How many were NaN. */
  get missing(): number {
    return this.#missing;
  }

  /** Counts a number. Infinite ones are counted as the greatest finite ones. */
  add(value: number): void {
    if (value > smallest) this.#positive.add(bucketOf(value), 1);
    else if (value < -smallest) this.#negative.add(bucketOf(-value), 1);
    else if (Number.isNaN(value)) {
      this.#missing += 1;
      return;
    } else this.#zero += 1;
    this.#count += 1;
  }

  /** Counts what another has counted. */
  merge(other: NumberSketch): void {
    for (const [bucket, count] of other.#positive.entries()) this.#positive.add(bucket, count);
    for (const [bucket, count] of other.#negative.entries()) this.#negative.add(bucket, count);
    this.#zero += other.#zero;
    this.#count += other.#count;
    this.#missing += other.#missing;
  }

  /**
   * A number that a share `q` of the numbers is at most, to within 0.1 % of itself; NaN where there are none.
   * @throws {InvalidInputError} for a `q` outside 0 to 1
   */
  quantile(q: number): number {
    if (!(q >= 0 && q <= 1)) throw new InvalidInputError(`a quantile must be from 0 to 1, not ${q}`);
    let before = 0;
    let last = Number.NaN;
    for (const [position, count] of this.bins()) {
      last = valueOf(position);
      before += count;
      if (before > q * (this.#count - 1)) break;
    }
    return last;
  }

  /** The buckets that have counts by a number that rises with the values, lowest first: negative, zero, positive. */
  *bins(): IterableIterator<readonly [position: number, count: number]> {
    const negative = Array.from(this.#negative.entries()).toReversed();
    for (const [bucket, count] of negative) yield [-(bucket + origin), count];
    if (this.#zero > 0) yield [0, this.#zero];
    for (const [bucket, count] of this.#positive.entries()) yield [bucket + origin, count];
  }

  toJSON(): NumberSketchJson {
    return {
      kind: "numbers",
      negative: Array.from(this.#negative.entries(), ([bucket, count]) => [bucket, count]),
      zero: this.#zero,
      positive: Array.from(this.#positive.entries(), ([bucket, count]) => [bucket, count]),
      missing: this.#missing,
    };
  }

  /**
   * A sketch of what {@link toJSON} gave.
   * @throws {InvalidInputError} for anything else
   */
  static from(json: unknown): NumberSketch {
    const parsed = v.safeParse(sketchSchema, json);
    if (!parsed.success) throw new InvalidInputError(`no sketch of numbers: ${parsed.issues[0].message}`);
    const sketch = new NumberSketch();
    for (const [side, buckets] of [
      [sketch.#negative, parsed.output.negative],
      [sketch.#positive, parsed.output.positive],
    ] as const)
      for (const [bucket, count] of buckets) {
        if (Math.abs(bucket) >= origin) throw new InvalidInputError(`no sketch of numbers: bucket ${bucket}`);
        side.add(bucket, count);
        sketch.#count += count;
      }
    sketch.#zero = parsed.output.zero;
    sketch.#count += parsed.output.zero;
    sketch.#missing = parsed.output.missing;
    return sketch;
  }
}

/** Above the magnitude of any bucket's number, so that positions have the values' signs. */
const origin = 1 << 20;

function bucketOf(magnitude: number): number {
  return Math.ceil(Math.log(Math.min(magnitude, Number.MAX_VALUE)) * perLog);
}

function valueOf(position: number): number {
  if (position === 0) return 0;
  const magnitude = (2 * growth ** (Math.abs(position) - origin)) / (growth + 1);
  return position > 0 ? magnitude : -magnitude;
}
