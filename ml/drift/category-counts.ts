/** @file Counts of categories, of which only so many are kept. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";

/** Categories that are told apart; what comes later is counted as others. */
const maxCategories = 1000;

const countsSchema = v.strictObject({
  kind: v.literal("categories"),
  counts: v.array(v.tuple([v.string(), v.pipe(v.number(), v.finite(), v.minValue(0))])),
  others: v.pipe(v.number(), v.finite(), v.minValue(0)),
});

/** Counts as plain data. */
export type CategoryCountsJson = v.InferOutput<typeof countsSchema>;

/** Counts categories by their text. Counts of parts of the data add up to those of the whole while no others are counted. */
export class CategoryCounts {
  readonly #counts = new Map<string, number>();
  #others = 0;

  /** All that was counted. */
  get count(): number {
    let sum = this.#others;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  /** What was counted beyond the categories that are kept. */
  get others(): number {
    return this.#others;
  }

  add(category: string, count = 1): void {
    const before = this.#counts.get(category);
    if (before === undefined && this.#counts.size >= maxCategories) this.#others += count;
    else this.#counts.set(category, (before ?? 0) + count);
  }

  /** How often a category came. */
  of(category: string): number {
    return this.#counts.get(category) ?? 0;
  }

  /** The categories that are kept. */
  categories(): Iterable<string> {
    return this.#counts.keys();
  }

  /** Counts what another has counted. */
  merge(other: CategoryCounts): void {
    for (const [category, count] of other.#counts) this.add(category, count);
    this.#others += other.#others;
  }

  toJSON(): CategoryCountsJson {
    return { kind: "categories", counts: [...this.#counts], others: this.#others };
  }

  /**
   * Counts of what {@link toJSON} gave.
   * @throws {InvalidInputError} for anything else
   */
  static from(json: unknown): CategoryCounts {
    const parsed = v.safeParse(countsSchema, json);
    if (!parsed.success) throw new InvalidInputError(`no counts of categories: ${parsed.issues[0].message}`);
    const counts = new CategoryCounts();
    for (const [category, count] of parsed.output.counts) counts.add(category, count);
    counts.#others += parsed.output.others;
    return counts;
  }
}
