import assert from "node:assert/strict";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  categorical,
  conditional,
  float,
  int,
  optimize,
  randomSampler,
  space,
} from "../../../ml/tune/index.ts";
import { distributionJson, parseDistribution } from "../../../ml/tune/journal/distribution-json.ts";
import { randomValue } from "../../../ml/tune/samplers/sampler.ts";
import { Random } from "../../../ml/random.ts";

const refused = (make: () => unknown, message: RegExp): void =>
  assert.throws(make, (error) => error instanceof InvalidInputError && message.test(error.message));

describe("search spaces", () => {
  it("refuse what leaves nothing to choose", () => {
    refused(() => float(1, 0), /limits must be finite, the first not above the second/);
    refused(() => float(0, Number.POSITIVE_INFINITY), /limits must be finite/);
    refused(() => float(0, 1, { log: true }), /log scale needs numbers above 0/);
    refused(() => float(1, 2, { log: true, step: 0.1 }), /log scale has no step/);
    refused(() => float(0, 1, { step: 0 }), /step must be a number above 0/);
    refused(() => int(0.5, 2), /must be whole numbers/);
    refused(() => int(0, 2, { log: true }), /log scale needs numbers from 1 up/);
    refused(() => categorical(["a", "a"]), /a choice twice/);
    refused(() => categorical([Number.NaN]), /NaN is no finite number/);
    refused(() => space({}), /space\(\{\}\) has no parameters/);
    refused(() => conditional({}), /has no branches/);
    refused(() => conditional({ a: { kind: int(1, 2) } }), /is named "kind"/);
    refused(
      () => space({ "a.b.c": int(1, 2), a: conditional({ b: { c: int(1, 2) } }) }),
      /two parameters are stored as "a.b.c"/,
    );
  });

  it("end at the last step", () => {
    assert.equal(float(0, 1, { step: 0.3 }).high, 0.9);
    assert.equal(float(0, 0.3, { step: 0.1 }).high, 0.3);
    assert.equal(int(1, 10, { step: 4 }).high, 9);
  });

  it("are drawn from evenly, on the log scale too", () => {
    const random = new Random(1);
    const draws = (distribution: Parameters<typeof randomValue>[0]): number[] =>
      Array.from({ length: 6000 }, () => randomValue(distribution, random));
    const share = (values: readonly number[], holds: (value: number) => boolean): number =>
      values.filter(holds).length / values.length;
    const near = (actual: number, expected: number): void =>
      assert.ok(Math.abs(actual - expected) < 0.03, `${actual}, not ${expected}`);
    near(
      share(draws(float(1, 100, { log: true })), (value) => value < 10),
      0.5,
    );
    const steps = draws(float(0, 1, { step: 0.25 }));
    assert.deepEqual(
      [...new Set(steps)].sort((a, b) => a - b),
      [0, 0.25, 0.5, 0.75, 1],
    );
    for (const step of [0, 0.5, 1])
      near(
        share(steps, (value) => value === step),
        0.2,
      );
    const numbers = draws(int(1, 4));
    for (const number of [1, 2, 3, 4])
      near(
        share(numbers, (value) => value === number),
        0.25,
      );
    near(
      share(draws(categorical(["a", "b", "c"])), (value) => value === 2),
      1 / 3,
    );
  });

  it("are written as Optuna does, and its older forms are read", () => {
    for (const distribution of [
      float(0, 1, { step: 0.5 }),
      int(1, 9, { log: true }),
      categorical(["a", null, 2]),
    ])
      assert.deepEqual(parseDistribution(distributionJson(distribution)), distribution);
    const older = (name: string, attributes: object): unknown =>
      parseDistribution(JSON.stringify({ name, attributes }));
    assert.deepEqual(older("UniformDistribution", { low: 0, high: 1 }), float(0, 1));
    assert.deepEqual(older("LogUniformDistribution", { low: 1, high: 9 }), float(1, 9, { log: true }));
    assert.deepEqual(
      older("DiscreteUniformDistribution", { low: 0, high: 1, q: 0.5 }),
      float(0, 1, { step: 0.5 }),
    );
    assert.deepEqual(older("IntUniformDistribution", { low: 0, high: 4, step: 2 }), int(0, 4, { step: 2 }));
    assert.deepEqual(older("IntLogUniformDistribution", { low: 1, high: 4 }), int(1, 4, { log: true }));
    refused(() => older("NormalDistribution", { low: 0, high: 1 }), /none of Optuna's/);
    refused(() => parseDistribution("{"), /no JSON/);
  });

  it("say what the objective gets", async () => {
    const study = await optimize(
      (settings) => {
        const rate: number = settings.rate;
        const kind: "a" | 2 | null = settings.kind;
        // @ts-expect-error a misspelt parameter
        assert.equal(settings.rtae, undefined);
        // @ts-expect-error a number is no text
        const text: string = settings.rate;
        assert.equal(typeof text, "number");
        if (settings.booster.kind === "tree") {
          const depth: number = settings.booster.depth;
          // @ts-expect-error a parameter of the other branch
          assert.equal(settings.booster.alpha, undefined);
          return rate + depth;
        }
        return rate + settings.booster.alpha + (kind === null ? 1 : 0);
      },
      {
        space: space({
          rate: float(0, 1),
          kind: categorical(["a", 2, null]),
          booster: conditional({ tree: { depth: int(1, 3) }, linear: { alpha: float(0, 1) } }),
        }),
        trials: 10,
        sampler: randomSampler({ seed: 1 }),
      },
    );
    const best: number = study.best.settings.rate;
    assert.ok(best <= 1);
    const one = { space: space({ x: int(1, 2) }), trials: 1 };
    const text = (): string => "a";
    // @ts-expect-error an objective gives a number
    await assert.rejects(optimize(text, one), /no number/);
  });
});
