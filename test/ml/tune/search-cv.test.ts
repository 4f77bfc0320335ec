import assert from "node:assert/strict";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import type { FitOptions } from "../../../ml/estimator.ts";
import { Random } from "../../../ml/random.ts";
import type { NumericTarget } from "../../../ml/target.ts";
import {
  categorical,
  float,
  int,
  medianPruner,
  searchCv,
  space,
  tpeSampler,
} from "../../../ml/tune/index.ts";

interface ShrunkSettings {
  readonly shrinkage: number;
  readonly column: number;
}

/** A regression on one column, shrunk: small enough to be seen through, with the methods of every estimator. */
class Shrunk {
  readonly settings: ShrunkSettings;

  constructor(settings: ShrunkSettings) {
    this.settings = settings;
  }

  with(changes: Partial<ShrunkSettings>): Shrunk {
    return new Shrunk({ ...this.settings, ...changes });
  }

  async fit(
    { data, rows, columns }: DenseMatrix,
    target: NumericTarget,
    options?: FitOptions,
  ): Promise<{ predict(rows: DenseMatrix): number[] }> {
    options?.signal?.throwIfAborted();
    const { shrinkage, column } = this.settings;
    let [products, squares] = [0, shrinkage];
    for (let row = 0; row < rows; row++) {
      const x = data[row * columns.length + column] ?? 0;
      products += x * (target[row] ?? 0);
      squares += x * x;
    }
    return {
      predict: (given) =>
        Array.from(
          { length: given.rows },
          (_, row) => (products / squares) * (given.data[row * columns.length + column] ?? 0),
        ),
    };
  }
}

const random = new Random(4);
const rows: DenseMatrix = {
  data: Float32Array.from({ length: 90 }, () => random.normal()),
  rows: 30,
  columns: ["a", "b", "c"],
};
const target = Float64Array.from(
  { length: 30 },
  (_, row) => 2 * (rows.data[row * 3 + 1] ?? 0) + 0.1 * random.normal(),
);
const splits = [0, 1, 2].map((fold) => {
  const places = Array.from({ length: 30 }, (_, row) => row);
  return {
    train: places.filter((row) => row % 3 !== fold),
    test: Uint32Array.from(places.filter((row) => row % 3 === fold)),
  };
});
const error = (
  model: { predict(rows: DenseMatrix): number[] },
  test: DenseMatrix,
  expected: ArrayLike<number>,
): number =>
  model.predict(test).reduce((sum, value, row) => sum + (value - (expected[row] ?? 0)) ** 2, 0) / test.rows;

const searched = {
  space: space({ shrinkage: float(1e-3, 1e3, { log: true }), column: int(0, 2) }),
  rows,
  target,
  splits,
  score: error,
  trials: 40,
  sampler: tpeSampler({ seed: 1 }),
};

describe("searchCv", () => {
  it("finds the settings whose mean score over the folds is best", async () => {
    const { best, study } = await searchCv(new Shrunk({ shrinkage: 1, column: 0 }), searched);
    assert.ok(best instanceof Shrunk);
    assert.deepEqual(best.settings, study.best.settings);
    assert.equal(best.settings.column, 1);
    assert.ok(best.settings.shrinkage < 5 && study.best.value < 0.1, JSON.stringify(study.best.settings));
    // The same by hand.
    let sum = 0;
    for (const { train, test } of splits) {
      const taken = (places: ArrayLike<number>): DenseMatrix => ({
        data: Float64Array.from(
          Array.from(places).flatMap((row) => [0, 1, 2].map((column) => rows.data[row * 3 + column] ?? 0)),
        ),
        rows: places.length,
        columns: rows.columns,
      });
      const targets = (places: ArrayLike<number>): number[] => Array.from(places, (row) => target[row] ?? 0);
      const model = await best.fit(taken(train), targets(train));
      sum += error(model, taken(test), targets(test));
    }
    assert.ok(Math.abs(sum / 3 - study.best.value) < 1e-12);
    const [first] = study.completed;
    assert.deepEqual([...(first?.intermediateValues.keys() ?? [])], [0, 1]);
  });

  it("ends trials after a fold where a pruner says so", async () => {
    const { study } = await searchCv(new Shrunk({ shrinkage: 1, column: 0 }), {
      ...searched,
      pruner: medianPruner({ nStartupTrials: 3 }),
    });
    assert.ok(study.counts.pruned >= 5, JSON.stringify(study.counts));
    assert.equal(study.best.settings.column, 1);
  });

  it("refuses no splits and rows that aren't there", async () => {
    const search = async (given: typeof splits): Promise<unknown> =>
      searchCv(new Shrunk({ shrinkage: 1, column: 0 }), { ...searched, splits: given });
    await assert.rejects(search([]), InvalidInputError);
    await assert.rejects(
      search([{ train: [0, 30], test: Uint32Array.of(1) }]),
      /names row 30, and there are 30 rows/,
    );
  });

  it("takes a space of the estimator's settings only", async () => {
    const estimator = new Shrunk({ shrinkage: 1, column: 0 });
    const once = { ...searched, trials: 1 };
    const misspelt = { ...once, space: space({ shrinkage: float(0, 1), colmun: int(0, 2) }) };
    // @ts-expect-error a parameter that is no setting
    await searchCv(estimator, misspelt);
    const texts = { ...once, space: space({ shrinkage: categorical(["a", "b"]) }) };
    // @ts-expect-error a setting of another type
    await assert.rejects(searchCv(estimator, texts), /no trial of study "study" was completed/);
  });
});
