import assert from "node:assert/strict";
import * as v from "valibot";
import { CategoryCounts, drift, NumberSketch } from "../../../ml/drift/index.ts";
import { Random } from "../../../ml/random.ts";
import { readReference } from "../reference.ts";
import { refused } from "../refused.ts";

const reference = readReference(
  "sketches",
  v.object({
    numbers: v.array(
      v.object({
        name: v.string(),
        reference: v.array(v.number()),
        current: v.array(v.number()),
        quantiles: v.array(v.tuple([v.number(), v.number()])),
        psi: v.number(),
      }),
    ),
    categories: v.array(
      v.object({ reference: v.array(v.number()), current: v.array(v.number()), psi: v.number() }),
    ),
  }),
);

function sketchOf(values: Iterable<number>): NumberSketch {
  const sketch = new NumberSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

function countsOf(counts: readonly number[]): CategoryCounts {
  const categories = new CategoryCounts();
  for (const [at, count] of counts.entries()) if (count > 0) categories.add(`c${at}`, count);
  return categories;
}

describe("A sketch of numbers", () => {
  for (const { name, reference: values, quantiles } of reference.numbers)
    it(`has NumPy's quantiles to 0.1 %: ${name}`, () => {
      const sketch = sketchOf(values);
      for (const [q, expected] of quantiles) {
        const found = sketch.quantile(q);
        assert.ok(Math.abs(found - expected) <= 0.00101 * Math.abs(expected), `${q}: ${found}, ${expected}`);
      }
    });

  it("adds up to that of the whole, whatever the parts and their order", () => {
    const random = new Random(3);
    const values = Array.from(
      { length: 3000 },
      () => (random.uniform() - 0.3) * 10 ** (random.uniform() * 12 - 6),
    );
    const whole = sketchOf(values);
    const parts = [0, 1, 2, 3].map((part) => sketchOf(values.filter((_, at) => at % 4 === part)));
    for (const order of [
      [0, 1, 2, 3],
      [3, 1, 0, 2],
    ]) {
      const merged = new NumberSketch();
      for (const part of order) merged.merge(NumberSketch.from(JSON.parse(JSON.stringify(parts[part]))));
      assert.deepEqual(merged.toJSON(), whole.toJSON());
      assert.equal(merged.count, 3000);
    }
  });

  it("counts zeros, missing, infinite and tiny numbers", () => {
    const sketch = sketchOf([0, -0, Number.NaN, Infinity, -Infinity, 1e-300, 5e-324, -1e-13]);
    assert.equal(sketch.count, 7);
    assert.equal(sketch.missing, 1);
    assert.equal(sketch.quantile(0.5), 0);
    assert.ok(sketch.quantile(0) < -1e307 && sketch.quantile(1) > 1e307);
    assert.ok(Number.isNaN(new NumberSketch().quantile(0.5)));
  });

  it("keeps its size over any magnitudes: only the lowest lose their accuracy", () => {
    const sketch = new NumberSketch();
    for (let step = 0; step < 30_500; step++) sketch.add(10 ** (step / 100 - 5));
    assert.ok(sketch.toJSON().positive.length <= 32_768 + 64);
    assert.equal(sketch.count, 30_500);
    const middle = Math.log10(sketch.quantile(0.95));
    assert.ok(Math.abs(middle - (0.95 * 305 - 5)) < 0.02, String(middle));
  });

  it("is not read from what is none", async () => {
    for (const wrong of [
      null,
      {},
      { ...new NumberSketch().toJSON(), zero: -1 },
      { ...new NumberSketch().toJSON(), zero: Number.NaN },
      { ...new NumberSketch().toJSON(), positive: [[1e300, 1]] },
      { ...new NumberSketch().toJSON(), positive: [[1.5, 1]] },
      { ...new NumberSketch().toJSON(), positive: [[9e9, 1]] },
      new CategoryCounts().toJSON(),
    ])
      await refused(() => NumberSketch.from(wrong), /no sketch of numbers/);
    await refused(() => new NumberSketch().quantile(2), /from 0 to 1/);
  });
});

describe("Drift", () => {
  for (const { name, reference: first, current, psi } of reference.numbers)
    it(`of numbers has the population stability index of NumPy's bins: ${name}`, () => {
      const found = drift(sketchOf(first), sketchOf(current));
      // A bound is within 0.1 % of a quantile, which moves a few of thousands of values to the bin beside.
      assert.ok(Math.abs(found.psi - psi) < 0.003 + 0.03 * psi, `${found.psi}, ${psi}`);
      assert.equal(
        found.current.reduce((sum, count) => sum + count, 0),
        current.length,
      );
    });

  it("of categories has it exactly", () => {
    for (const { reference: first, current, psi } of reference.categories)
      assert.ok(Math.abs(drift(countsOf(first), countsOf(current)).psi - psi) < 1e-12);
  });

  it("sees missing values, a constant, and values the reference never had", () => {
    const constant = sketchOf(Array.from({ length: 100 }, () => 5));
    assert.equal(drift(constant, sketchOf([5, 5])).psi, 0);
    assert.ok(drift(constant, sketchOf([7, 7])).psi > 1);
    assert.ok(drift(constant, sketchOf([3, 3])).psi > 1);
    const missing = drift(constant, sketchOf([5, Number.NaN]));
    assert.deepEqual(
      [missing.reference, missing.current],
      [
        [0, 100],
        [1, 1],
      ],
    );
    assert.ok(missing.psi > 1);
    assert.ok(Number.isNaN(drift(constant, new NumberSketch()).psi));
  });

  it("is none between numbers and categories", async () => {
    await refused(() => drift(sketchOf([1]), countsOf([1])), /can't be compared/);
    await refused(() => drift(sketchOf([1]), sketchOf([1]), { bins: 0 }), /bins must be/);
  });
});

describe("Counts of categories", () => {
  it("are bounded, merge, and come back from JSON", async () => {
    const counts = new CategoryCounts();
    for (let at = 0; at < 1500; at++) counts.add(`c${at}`);
    assert.deepEqual([counts.count, counts.others, counts.of("c3"), counts.of("c1400")], [1500, 500, 1, 0]);
    const merged = new CategoryCounts();
    merged.merge(CategoryCounts.from(JSON.parse(JSON.stringify(counts))));
    merged.merge(countsOf([1, 2]));
    assert.deepEqual([merged.count, merged.of("c1"), merged.others], [1503, 3, 500]);
    for (const wrong of [[], { ...counts.toJSON(), others: -1 }, new NumberSketch().toJSON()])
      await refused(() => CategoryCounts.from(wrong), /no counts of categories/);
  });
});
