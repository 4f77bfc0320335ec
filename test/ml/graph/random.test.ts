import assert from "node:assert/strict";
import { fromData, ones } from "../../../ml/graph/create.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { bernoulliLike, dropout, normalLike, uniformLike } from "../../../ml/graph/functions/random.ts";
import { fillRandom, type Distribution, type RandomDraw } from "../../../ml/graph/random-source.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { input } from "../../../ml/graph/value.ts";

const count = 200_000;

function drawn(distribution: Distribution, length = count, draw: Partial<RandomDraw> = {}): Float32Array {
  const data = new Float32Array(length);
  fillRandom({ distribution, seed: 1, step: 0, stream: 0, ...draw }, data);
  return data;
}

const mean = (values: ArrayLike<number>, of: (value: number) => number = (value) => value): number =>
  Array.from(values, of).reduce((sum, value) => sum + value, 0) / values.length;

/** The largest distance between the distribution of sorted values and one that they should have (Kolmogorov, 1933). */
function distance(values: Float32Array, cumulative: (value: number) => number): number {
  const sorted = values.toSorted();
  return Math.max(
    ...Array.from(
      sorted.filter((_, index) => index % 50 === 0),
      (value, index) => Math.abs(cumulative(value) - (index * 50 + 0.5) / sorted.length),
    ),
  );
}

/** The normal distribution function, by the error function's series of Abramowitz and Stegun, 7.1.26 (to 1e-7). */
function normalCumulative(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) *
    t *
    Math.exp(-z * z);
  return x < 0 ? tail / 2 : 1 - tail / 2;
}

describe("random draws", () => {
  // With 200,000 draws a distance above 1.95 / √n = 0.0044 has probability 0.001.
  const limit = 1.95 / Math.sqrt(count);

  it("are uniform over [0, 1)", () => {
    const values = drawn({ kind: "uniform" });
    assert.ok(values.every((value) => value >= 0 && value < 1));
    assert.ok(distance(values, (value) => value) < limit);
  });

  it("are normal, with the tails", () => {
    const values = drawn({ kind: "normal" });
    assert.ok(distance(values, normalCumulative) < limit);
    assert.ok(Math.abs(mean(values, (value) => value ** 4) - 3) < 0.1);
    const largest = values.reduce((a, b) => Math.max(a, b));
    assert.ok(largest > 4 && largest < 6.7);
  });

  it("are there with their probability", () => {
    for (const probability of [0, 0.1, 0.5, 1]) {
      const values = drawn({ kind: "bernoulli", probability, value: 2 });
      const share = mean(values) / 2;
      assert.ok(Math.abs(share - probability) <= 4 * Math.sqrt((probability * (1 - probability)) / count));
      assert.ok(values.every((value) => value === 0 || value === 2));
    }
  });

  it("have no correlation between neighbours, seeds, steps and streams", () => {
    const centred = (draw: Partial<RandomDraw>): Float32Array =>
      drawn({ kind: "uniform" }, count, draw).map((value) => value - 0.5);
    const first = centred({});
    const others = [
      centred({ seed: 2 }),
      centred({ seed: 1 + 2 ** 32 }),
      centred({ step: 1 }),
      centred({ step: 2 ** 32 }),
      centred({ stream: 1 }),
      Float32Array.from(first, (_, index) => first[(index + 1) % count] ?? 0),
      Float32Array.from(first, (_, index) => first[(index + 4) % count] ?? 0),
    ];
    for (const [index, other] of others.entries()) {
      const correlation = mean(first.map((value, at) => value * (other[at] ?? 0))) * 12;
      assert.ok(Math.abs(correlation) < 4 / Math.sqrt(count), `number ${index}: ${correlation}`);
    }
  });

  it("depend on the position, not on the size", () => {
    for (const distribution of [
      { kind: "uniform" },
      { kind: "normal" },
      { kind: "bernoulli", probability: 0.3, value: 1 },
    ] as const) {
      const whole = drawn(distribution, 20_001);
      for (const length of [1, 3, 4096, 8193])
        assert.deepEqual(drawn(distribution, length), whole.slice(0, length));
    }
  });

  it("refuse what is no seed", () => {
    for (const draw of [{ seed: -1 }, { seed: 0.5 }, { step: 2 ** 53 }, { stream: 2 ** 32 }])
      assert.throws(() => drawn({ kind: "uniform" }, 1, draw), GraphError);
  });
});

describe("random tensors in compiled functions", () => {
  const x = ones([100, 100]);

  it("are the same for the same seed and step, and others for others", async () => {
    const compute = (each: Tensor<readonly [100, 100], "float32">) => ({
      first: dropout(each, 0.25),
      second: dropout(each, 0.25),
      normal: normalLike(each),
      uniform: uniformLike(each),
    });
    const [a, b] = [jit(compute), jit(compute)];
    const data = async (run: ReturnType<typeof a>): Promise<number[][]> =>
      Promise.all(Object.values(await run).map(async (each) => Array.from(await each.data())));
    const once = await data(a.run({ seed: 7, step: 3 }, x));
    assert.deepEqual(await data(b.run({ seed: 7, step: 3 }, x)), once);
    assert.deepEqual(await data(a.run({ seed: 7, step: 3 }, x)), once);
    const others = [a.run({ seed: 7 }, x), a.run({ seed: 8, step: 3 }, x), a(x), a(x), b(x)];
    const all = [once, ...(await Promise.all(others.map(data)))].flat();
    assert.equal(new Set(all.map((each) => each.join())).size, 24);
    const [first = [], , normal = []] = once;
    assert.deepEqual(
      [...new Set(first)].toSorted((a, b) => a - b),
      [0, Math.fround(4 / 3)],
    );
    assert.ok(Math.abs(mean(first) - 1) < 0.03);
    assert.ok(Math.abs(mean(normal)) < 0.04);
  });

  it("pass gradients where they keep elements", async () => {
    const slopes = jit((each: Tensor<readonly [100, 100], "float32">) =>
      grad((y: typeof each) => dropout(y, 0.5).square().sum())(each),
    );
    const gradient = await slopes.run({ seed: 1 }, x);
    const data = await gradient.data();
    assert.deepEqual(
      [...new Set(data)].toSorted((a, b) => a - b),
      [0, 8],
    );
  });

  it("take the type of what they are like", async () => {
    const wide = fromData("float64", new Float64Array(1000), [1000]);
    const noisy = jit((each: typeof wide) => each.add(normalLike(each)));
    const result = await noisy.run({ seed: 5 }, wide);
    assert.equal(result.dtype, "float64");
    assert.deepEqual(
      Array.from(await result.data()),
      Array.from(drawn({ kind: "normal" }, 1000, { seed: 5 })),
    );
  });

  it("outside of compiled functions are drawn at once, and stay", async () => {
    const noise = normalLike(x);
    assert.notDeepEqual(await noise.data(), await normalLike(x).data());
    const twice = jit((each: typeof x) => each.add(noise));
    assert.deepEqual(await (await twice(x)).data(), await x.add(noise).data());
  });

  it("say what they can't be", () => {
    assert.throws(() => dropout(x, 1), /the rate must be in \[0, 1\), not 1/);
    assert.throws(() => bernoulliLike(x, 1.5), /a probability is in \[0, 1\]/);
    const named = new Tensor<readonly ["batch"], "float32">(input("x", "float32", ["batch"]));
    assert.throws(() => normalLike(named), /compile it with jit/);
    assert.equal(dropout(x, 0).value, x.value);
  });

  it("refuse a seed that is none", async () => {
    const noise = jit((each: typeof x) => normalLike(each));
    await assert.rejects(noise.run({ seed: -3 }, x), /the seed must be a whole number from 0, not -3/);
  });
});
