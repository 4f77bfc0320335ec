import assert from "node:assert/strict";
import * as v from "valibot";
import { InvalidInputError } from "../../../ml/errors.ts";
import { learningRateAt } from "../../../ml/graph/optimizers/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

const number = v.number();
const optional = v.exactOptional(number);
const warmUp = v.strictObject({ steps: number, startFactor: optional });
const schedule = v.variant("kind", [
  v.strictObject({ kind: v.literal("constant"), rate: number }),
  v.strictObject({ kind: v.literal("warmUp"), rate: number, steps: number, startFactor: optional }),
  v.strictObject({ kind: v.literal("stepDecay"), rate: number, stepSize: number, gamma: optional }),
  v.strictObject({ kind: v.literal("exponential"), rate: number, gamma: number }),
  v.strictObject({
    kind: v.literal("cosine"),
    rate: number,
    steps: number,
    minimumRate: optional,
    warmUp: v.exactOptional(warmUp),
  }),
  v.strictObject({
    kind: v.literal("oneCycle"),
    maximumRate: number,
    steps: number,
    pctStart: optional,
    divFactor: optional,
    finalDivFactor: optional,
  }),
  v.strictObject({ kind: v.literal("polynomial"), rate: number, steps: number, power: optional }),
]);
const { schedules } = readReference(
  "optimizers",
  v.object({ schedules: v.array(v.object({ schedule, rates: v.array(number) })) }),
);

describe("learning-rate schedules", () => {
  for (const { schedule, rates } of schedules) {
    it(`${JSON.stringify(schedule)} as PyTorch's`, () => {
      const ours = rates.map((_, step) => learningRateAt(schedule, step));
      assertCloseTo(ours, rates, 1e-12, "rate");
    });
  }

  it("hold their last rate after their last step", () => {
    for (const schedule of [
      { kind: "cosine", rate: 1, steps: 10, minimumRate: 0.25 },
      { kind: "oneCycle", maximumRate: 1, steps: 10 },
      { kind: "polynomial", rate: 1, steps: 10 },
    ] as const) {
      assert.equal(learningRateAt(schedule, 1000), learningRateAt(schedule, 10));
    }
    assert.equal(learningRateAt({ kind: "oneCycle", maximumRate: 1, steps: 1 }, 0), 1 / 25 / 1e4);
  });

  it("refuse settings and steps that mean nothing", () => {
    for (const [schedule, step] of [
      [{ kind: "constant", rate: Number.NaN }, 0],
      [{ kind: "constant", rate: 1 }, -1],
      [{ kind: "constant", rate: 1 }, 0.5],
      [{ kind: "warmUp", rate: 1, steps: 0 }, 0],
      [{ kind: "warmUp", rate: 1, steps: 5, startFactor: 2 }, 0],
      [{ kind: "stepDecay", rate: 1, stepSize: 1.5 }, 0],
      [{ kind: "exponential", rate: 1, gamma: 0 }, 0],
      [{ kind: "cosine", rate: 1, steps: 0 }, 0],
      [{ kind: "cosine", rate: 1, steps: 5, warmUp: { steps: -1 } }, 0],
      [{ kind: "oneCycle", maximumRate: -1, steps: 5 }, 0],
      [{ kind: "oneCycle", maximumRate: 1, steps: 5, pctStart: 2 }, 0],
      [{ kind: "polynomial", rate: 1, steps: 5, power: 0 }, 0],
    ] as const) {
      assert.throws(() => learningRateAt(schedule, step), InvalidInputError, JSON.stringify(schedule));
    }
  });
});
