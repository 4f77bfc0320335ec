import assert from "node:assert/strict";
import * as v from "valibot";
import { cmaEsSampler, optimize, space, tpeSampler } from "../../../ml/tune/index.ts";
import { CovarianceMatrixAdaptation } from "../../../ml/tune/samplers/covariance-matrix-adaptation.ts";
import { normalCdf, normalMass, normalQuantile } from "../../../ml/normal-distribution.ts";
import { ParzenEstimator } from "../../../ml/tune/samplers/parzen-estimator.ts";
import { splitTrials } from "../../../ml/tune/samplers/tpe-sampler.ts";
import { median } from "../../bench/statistics.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { distributionAt, storedTrialSchema, storeTrials } from "./stored-trials.ts";
import { testFunctions, typicalValue } from "./test-functions.ts";

const direction = v.picklist(["minimize", "maximize"]);
const numbers = v.array(v.number());
const reference = readReference(
  "tuning",
  v.object({
    densities: v.array(
      v.object({
        name: v.string(),
        direction,
        trials: v.array(storedTrialSchema),
        good: numbers,
        points: v.array(numbers),
        logDensities: v.tuple([numbers, numbers]),
      }),
    ),
    cmaEs: v.array(
      v.object({
        dimensions: v.number(),
        generations: v.array(
          v.object({
            solutions: v.array(v.tuple([numbers, v.number()])),
            mean: numbers,
            step: v.number(),
            covariance: numbers,
          }),
        ),
      }),
    ),
    functions: v.record(
      v.string(),
      v.object({ trials: v.number(), best: v.object({ random: numbers, tpe: numbers, cmaEs: numbers }) }),
    ),
  }),
);

describe("samplers", () => {
  describe("TPE", () => {
    for (const { name, direction, trials, good, points, logDensities } of reference.densities)
      it(`densities are Optuna's: ${name}`, async () => {
        const { record } = await storeTrials(direction, trials);
        const split = splitTrials(record.trials, direction, true);
        assert.deepEqual(
          split.good.map(({ number }) => number),
          good,
        );
        const parameters = (trials[0]?.parameters ?? []).map(([parameter, place]) => ({
          name: parameter,
          distribution: distributionAt(place),
        }));
        for (const [at, part] of [split.good, split.bad].entries()) {
          const observations = part.map((trial) =>
            parameters.map((parameter) => trial.parameters.get(parameter.name)?.internal ?? Number.NaN),
          );
          const density = new ParzenEstimator(parameters, observations);
          const found = points.map((point) => density.logDensity(point));
          assertCloseTo(found, logDensities[at] ?? [], 1e-7, at === 0 ? "good" : "bad");
        }
      });
  });

  describe("CMA-ES", () => {
    for (const { dimensions, generations } of reference.cmaEs)
      it(`learns as the package cmaes in ${dimensions} dimensions`, () => {
        const learned = new CovarianceMatrixAdaptation(dimensions);
        for (const { solutions, mean, step, covariance } of generations) {
          assert.equal(learned.populationSize, solutions.length);
          learned.tell(solutions.map(([point, value]) => ({ point: Float64Array.from(point), value })));
          const found = learned.distribution;
          assertCloseTo(found.mean, mean, 1e-10, "mean");
          assertCloseTo([found.step], [step], 1e-10, "step");
          assertCloseTo(found.covariance, covariance, 1e-9, "covariance");
        }
      });
  });

  it("know the normal distribution into its tails", () => {
    // SciPy's norm.cdf and norm.ppf.
    const cdf = [
      [-30, 4.906713927147908e-198],
      [-8, 6.22096057427174e-16],
      [-3, 0.0013498980316300933],
      [-0.5, 0.3085375387259869],
      [0, 0.5],
      [3.2, 0.9993128620620841],
    ] as const;
    for (const [x, expected] of cdf) {
      assert.ok(Math.abs(normalCdf(x) / expected - 1) < 1e-12, `${x}: ${normalCdf(x)}`);
      const back = normalQuantile(normalCdf(x));
      assert.ok(Math.abs(back - x) < 1e-10 * Math.max(1, Math.abs(x)), `${x}: ${back}`);
    }
    assert.ok(Math.abs(normalMass(8, 9) / 6.219831985865787e-16 - 1) < 1e-9, String(normalMass(8, 9)));
    assert.deepEqual([-Infinity, Infinity].map(normalCdf), [0, 1]);
  });

  const samplers = { tpe: tpeSampler, cmaEs: cmaEsSampler } as const;
  for (const [name, { objective, parameters, minimum }] of Object.entries(testFunctions))
    for (const [kind, sampler] of Object.entries(samplers))
      it(`${kind} finds as good values of ${name} as Optuna's`, async function () {
        this.timeout(60_000);
        const { trials = 0, best } = reference.functions[name] ?? {};
        assert.ok(best);
        // `npm run bench -- tune` has 20 seeds, as the reference.
        const found: number[] = [];
        for (let seed = 0; seed < 5; seed++) {
          const study = await optimize(objective, {
            space: space(parameters),
            trials,
            sampler: sampler({ seed }),
          });
          found.push(study.best.value);
        }
        const worse = median(found) - median(kind === "tpe" ? best.tpe : best.cmaEs);
        const range = typicalValue(name) - minimum;
        assert.ok(worse <= 0.05 * range, `${(100 * worse) / range} % of the function's range`);
        const gained = median(best.random) - minimum;
        assert.ok(
          worse <= 0.25 * gained,
          `${(100 * worse) / gained} % of what trials at random leave to gain`,
        );
      });
});
