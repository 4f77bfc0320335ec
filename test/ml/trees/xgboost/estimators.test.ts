import assert from "node:assert/strict";
import {
  gradientBoostingClassifier,
  gradientBoostingRegressor,
  xgboostClassifier,
  XgboostMissingError,
  xgboostRegressor,
} from "../../../../ml/trees/index.ts";
import { xgboostParameters } from "../../../../ml/trees/xgboost/parameters.ts";
import { refused } from "../../refused.ts";
import { matrix, uniformRows } from "../boosting/rows.ts";

const rows = uniformRows(40, 3, 1);
const x = matrix(rows);
const y = rows.map(([a = 0]) => a);
const labels = y.map((value): string => (value > 0 ? "up" : "down"));
const regressor = xgboostRegressor({ nEstimators: 3 });
const classifier = xgboostClassifier({ nEstimators: 3 });

describe("estimators of XGBoost's library", () => {
  const before = process.env["TENON_XGBOOST"];
  // What is refused here is refused before any library is looked for.
  beforeEach(() => void (process.env["TENON_XGBOOST"] = "/there/is/no/library"));
  afterEach(() => {
    if (before === undefined) delete process.env["TENON_XGBOOST"];
    else process.env["TENON_XGBOOST"] = before;
  });

  it("have the settings of our own boosting", () => {
    assert.deepEqual(xgboostClassifier().settings, gradientBoostingClassifier().settings);
    const poisson = { objective: "poisson" } as const;
    assert.deepEqual(xgboostRegressor(poisson).settings, gradientBoostingRegressor(poisson).settings);
    assert.deepEqual(regressor.with({ maxDepth: 2 }).settings, { ...regressor.settings, maxDepth: 2 });
  });

  it("refuse settings that make no sense", async () => {
    await refused(() => xgboostRegressor({ nEstimators: 0 }), /nEstimators/);
    await refused(() => xgboostClassifier({ learningRate: Number.NaN }), /learningRate/);
    await refused(() => xgboostRegressor({ objective: "quantile", quantileAlpha: 0 }), /quantileAlpha/);
    await refused(async () => regressor.with({ monotoneConstraints: { z: 1 } }).fit(x, y), /"z"/);
    await refused(async () => regressor.with({ interactionConstraints: [["z"]] }).fit(x, y), /"z"/);
    await refused(async () => regressor.with({ categoricalFeatures: ["z"] }).fit(x, y), /"z"/);
    await refused(async () => regressor.with({ earlyStoppingRounds: 2 }).fit(x, y), /needs a validation/);
  });

  it("refuse rows, targets and weights that don't fit", async () => {
    await refused(async () => regressor.fit(matrix([], ["a"]), []), /no rows/);
    await refused(async () => regressor.fit({ ...x, rows: 41 }, y), /has 123 numbers, not 120/);
    await refused(async () => regressor.fit(x, y.with(7, Number.NaN)), /row 7 is NaN/);
    await refused(async () => regressor.fit(x, y.with(7, Infinity)), /row 7 is Infinity/);
    const infinite = matrix(rows.with(4, [1, Infinity, 1]));
    await refused(async () => regressor.fit(infinite, y), /column "x1" holds Infinity in row 4/);
    await refused(async () => regressor.fit(x, y, { weights: [1] }), /1 weights for 40 rows/);
    await refused(async () => regressor.with({ objective: "poisson" }).fit(x, y), /for counts/);
    const categorical = regressor.with({ categoricalFeatures: ["x0"] });
    await refused(async () => categorical.fit(x, y), /"x0" is of categories and holds .* in row 0/);
    await refused(
      async () =>
        classifier.fit(
          x,
          labels.map(() => "one"),
        ),
      /1 classes/,
    );
    const validation = { rows: x, target: labels.with(3, "sideways") };
    await refused(async () => classifier.fit(x, labels, { validation }), /row 3 is sideways/);
    await refused(
      async () => regressor.fit(x, y, { validation: { rows: matrix([[1, 2]]), target: [1] } }),
      /fitted on 3 columns/,
    );
    await refused(
      async () => regressor.fit(x, y, { validation: { rows: infinite, target: y } }),
      /column "x1" holds Infinity in row 4/,
    );
  });

  it("say what to install where there is no library, and stop before where the signal says so", async () => {
    await assert.rejects(regressor.fit(x, y), (error) => {
      assert.ok(error instanceof XgboostMissingError);
      assert.match(error.message, /pip install xgboost.*TENON_PYTHON/);
      return true;
    });
    const reason = new Error("enough");
    await assert.rejects(
      classifier.fit(x, labels, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  it("name settings as XGBoost does", () => {
    const settings = regressor.with({
      monotoneConstraints: { x1: -1 },
      interactionConstraints: [["x0", "x2"]],
    }).settings;
    const parameters = xgboostParameters(
      settings,
      { objective: "reg:squarederror", metric: "rmse" },
      x.columns,
    );
    assert.equal(parameters.get("monotone_constraints"), "(0,-1,0)");
    assert.equal(parameters.get("interaction_constraints"), "[[0,2]]");
    assert.equal(parameters.get("colsample_bytree"), "1");
    assert.equal(parameters.get("tree_method"), "hist");
  });
});
