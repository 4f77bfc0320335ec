import assert from "node:assert/strict";
import * as v from "valibot";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  hyperbandPruner,
  medianPruner,
  memoryStorage,
  optimize,
  type Pruner,
  randomSampler,
  float,
  space,
  successiveHalvingPruner,
} from "../../../ml/tune/index.ts";
import type { TrialRecord } from "../../../ml/tune/index.ts";
import { readReference } from "../reference.ts";

const { pruners } = readReference(
  "tuning",
  v.object({
    pruners: v.array(
      v.object({
        name: v.string(),
        direction: v.picklist(["minimize", "maximize"]),
        study: v.string(),
        steps: v.number(),
        events: v.array(v.tuple([v.number(), v.number(), v.nullable(v.number()), v.boolean()])),
      }),
    ),
  }),
);

const made: Readonly<Record<string, Pruner>> = {
  median: medianPruner(),
  "median, maximised, with warm-up": medianPruner({ nStartupTrials: 3, nWarmupSteps: 2, intervalSteps: 3 }),
  "successive halving": successiveHalvingPruner(),
  "successive halving, side by side": successiveHalvingPruner({
    minResource: 2,
    reductionFactor: 2,
    minEarlyStoppingRate: 1,
  }),
  "successive halving with bootstrap": successiveHalvingPruner({
    minResource: 1,
    reductionFactor: 3,
    bootstrapCount: 3,
  }),
  hyperband: hyperbandPruner({ maxResource: 27 }),
  "hyperband of unknown length": hyperbandPruner(),
};

describe("pruners", () => {
  for (const { name, direction, study, steps, events } of pruners)
    it(`decide as Optuna's: ${name}`, async () => {
      const pruner = made[name];
      assert.ok(pruner);
      const storage = memoryStorage();
      const record = await storage.openStudy(study, direction);
      const trials: TrialRecord[] = [];
      for (const [number, step, value, expected] of events) {
        while (trials.length <= number) trials.push(await storage.createTrial(record));
        const trial = trials[number];
        assert.ok(trial);
        await storage.report(trial, step, value ?? Number.NaN);
        const { prune, attributes = {} } = pruner.judge(
          { name: study, direction, trials: record.trials },
          trial,
        );
        assert.equal(prune, expected, `trial ${number} at step ${step}`);
        await storage.setSystemAttributes(trial, attributes);
        if (prune) await storage.finishTrial(trial, "pruned");
        else if (step === steps - 1) await storage.finishTrial(trial, "complete", value ?? 0);
      }
      const pruned = events.filter(([, , , prune]) => prune).length;
      assert.ok(pruned >= 2 && pruned < events.length / 2, `${pruned} are pruned`);
    });

  it("end trials of a search, which keeps what they reported", async () => {
    const study = await optimize(
      async ({ x }, trial) => {
        for (let step = 0; step < 10; step++) await trial.report(x + 1 / (step + 1), step);
        return x;
      },
      {
        space: space({ x: float(0, 1) }),
        trials: 30,
        sampler: randomSampler({ seed: 1 }),
        pruner: medianPruner(),
      },
    );
    const { complete, pruned } = study.counts;
    assert.ok(pruned >= 8, `${pruned} pruned`);
    assert.equal(complete + pruned, 30);
    const worst = Math.max(...study.completed.slice(5).map(({ value }) => value));
    for (const trial of study.trials.filter(({ state }) => state === "pruned")) {
      assert.equal(trial.value, undefined);
      assert.ok(trial.intermediateValues.size >= 1 && trial.intermediateValues.size < 10);
      assert.ok((trial.settings?.x ?? 0) > worst / 2);
    }
  });

  it("refuse settings out of range", () => {
    for (const make of [
      () => medianPruner({ intervalSteps: 0 }),
      () => successiveHalvingPruner({ minResource: 0 }),
      () => successiveHalvingPruner({ reductionFactor: 1 }),
      () => successiveHalvingPruner({ bootstrapCount: 2 }),
      () => hyperbandPruner({ bootstrapCount: 1 }),
      () => hyperbandPruner({ minResource: 9, maxResource: 3 }),
    ])
      assert.throws(make, InvalidInputError);
  });
});
