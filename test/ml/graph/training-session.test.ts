import assert from "node:assert/strict";
import { multiply } from "../../../ml/graph/ops/elementwise.ts";
import { mean } from "../../../ml/graph/ops/reduce.ts";
import { NonFiniteGradientError, sgd } from "../../../ml/graph/optimizers/index.ts";
import { TrainingSession, type Parameter } from "../../../ml/graph/training-session.ts";

describe("training session", () => {
  const scalar = (value: number): Parameter => ({
    name: "p",
    shape: [1],
    data: Float32Array.of(value),
  });

  it("moves the caller's arrays by the optimizer that it is given", async () => {
    const parameter = scalar(2);
    await using session = await TrainingSession.create(
      ([p]) => {
        assert.ok(p);
        return { inputs: [], loss: mean(multiply(p, p)) };
      },
      [parameter],
      sgd({ momentum: 0.5 }),
    );
    assert.equal(await session.step({}, 0.25), 4);
    // The gradient is 2p: 2 − 0.25 · 4, then 1 − 0.25 · (0.5 · 4 + 2).
    assert.equal(parameter.data[0], 1);
    assert.equal(await session.step({}, 0.25), 1);
    assert.equal(parameter.data[0], 0);
  });

  it("names the parameter whose gradient is not finite, and moves nothing", async () => {
    const parameter = scalar(Math.fround(1e-30));
    await using session = await TrainingSession.create(
      ([p]) => {
        assert.ok(p);
        return { inputs: [], loss: mean(multiply(multiply(p, 1e30), 1e30)) };
      },
      [parameter],
    );
    await assert.rejects(
      session.step({}, 0.1),
      (error) => error instanceof NonFiniteGradientError && error.message.includes('"p"'),
    );
    assert.equal(parameter.data[0], Math.fround(1e-30));
  });
});
