import assert from "node:assert/strict";
import {
  gradientBoostingClassifier,
  gradientBoostingRanker,
  gradientBoostingRegressor,
  loadBoosting,
} from "../../../../ml/trees/index.ts";
import { refused } from "../../refused.ts";
import { matrix, uniformRows } from "./rows.ts";

const rows = uniformRows(60, 3, 1);
const x = matrix(rows);
const y = rows.map(([a = 0]) => a);
const regressor = gradientBoostingRegressor({ nEstimators: 3 });
const classifier = gradientBoostingClassifier({ nEstimators: 3 });

describe("bad input of gradient boosting", () => {
  it("refuses settings that make no sense", async () => {
    await refused(() => gradientBoostingRegressor({ nEstimators: 0 }), /nEstimators/);
    await refused(() => gradientBoostingRegressor({ learningRate: Number.NaN }), /learningRate/);
    await refused(() => gradientBoostingRegressor({ subsample: 0 }), /subsample must be a number above 0/);
    await refused(() => gradientBoostingRegressor({ maxBins: 1000 }), /maxBins/);
    await refused(
      () => gradientBoostingRegressor({ objective: "quantile", quantileAlpha: 1 }),
      /quantileAlpha/,
    );
    await refused(
      async () => regressor.with({ categoricalFeatures: ["z"] }).fit(x, y),
      /names the column "z"/,
    );
    await refused(async () => regressor.with({ monotoneConstraints: { z: 1 } }).fit(x, y), /"z"/);
    const both = regressor.with({ monotoneConstraints: { x0: 1 }, categoricalFeatures: ["x0"] });
    await refused(async () => both.fit(x, y), /"x0" is of categories/);
    // Names that objects have are no constraints.
    const named = matrix(
      rows.map(([a = 0, b = 0, c = 0]) => [Math.floor(8 + 8 * a), Math.floor(8 + 8 * b), c]),
      ["constructor", "__proto__", "c"],
    );
    const model = await regressor.with({ categoricalFeatures: ["constructor", "__proto__"] }).fit(named, y);
    assert.deepEqual(Object.keys(model.importances()), ["constructor", "__proto__", "c"]);
  });

  it("refuses rows, targets and weights that don't fit", async () => {
    await refused(async () => regressor.fit(matrix([], ["a"]), []), /no rows/);
    await refused(async () => regressor.fit({ ...x, rows: 61 }, y), /has 183 numbers, not 180/);
    await refused(async () => regressor.fit(x, y.slice(1)), /59 rows/);
    await refused(async () => regressor.fit(x, y.with(7, Number.NaN)), /row 7 is NaN/);
    await refused(async () => regressor.fit(x, y.with(7, Infinity)), /row 7 is Infinity/);
    await refused(async () => regressor.fit(x, y.with(7, 1e300)), /row 7 is 1e\+300/);
    const infinite = matrix(rows.with(4, [1, Infinity, 1]));
    await refused(async () => regressor.fit(infinite, y), /column "x1" holds Infinity in row 4/);
    await refused(async () => regressor.fit(x, y, { weights: [1] }), /1 weights for 60 rows/);
    await refused(async () => regressor.fit(x, y, { weights: y }), /the weight of row/);
    await refused(async () => regressor.with({ objective: "poisson" }).fit(x, y), /for counts/);
    await refused(async () => regressor.with({ categoricalFeatures: ["x0"] }).fit(x, y), /whole numbers/);
    await refused(
      async () =>
        classifier.fit(
          x,
          y.map(() => "one"),
        ),
      /1 classes/,
    );
    await refused(async () => classifier.fit(matrix([[1]]), ["one"]), /1 classes/);
    const model = await regressor.fit(x, y);
    await refused(async () => model.predict(matrix([[1, 2]])), /fitted on 3 columns/);
  });

  it("refuses validations and queries that don't fit", async () => {
    await refused(async () => regressor.with({ earlyStoppingRounds: 3 }).fit(x, y), /needs a validation/);
    const validation = { rows: matrix([[1, 2]]), target: [1] };
    await refused(async () => regressor.fit(x, y, { validation }), /fitted on 3 columns/);
    const labels = y.map((value) => (value > 0 ? "up" : "down"));
    const other = { rows: x, target: [...labels.slice(0, 3), "sideways", ...labels.slice(4)] };
    await refused(async () => classifier.fit(x, labels, { validation: other }), /row 3 is sideways/);
    const ranker = gradientBoostingRanker();
    await refused(async () => ranker.fit(x, y, { qid: y }), /relevance of row/);
    const relevances = y.map(() => 1);
    const qid = y.map((_, row) => row % 2);
    await refused(async () => ranker.fit(x, relevances, { qid }), /don't stand together/);
  });

  it("learns a constant of one row, of a constant target and of constant columns", async () => {
    const one = await regressor.fit(matrix([[1, 2, 3]]), [5]);
    assert.deepEqual(
      [...(await one.predict(x))],
      y.map(() => 5),
    );
    const constant = await regressor.fit(
      x,
      y.map(() => 2),
    );
    assert.deepEqual(
      [...(await constant.predict(x))],
      y.map(() => 2),
    );
    const flat = await regressor.fit(matrix(rows.map(() => [1, Number.NaN])), y);
    assert.ok((await flat.predict(matrix([[1, 2]]))).every((value) => Number.isFinite(value)));
    const { data, ...empty } = matrix([], x.columns);
    assert.equal((await one.predict({ data, ...empty })).length, 0);
  });

  it("ends when its signal is aborted, before and in the middle", async () => {
    const long = gradientBoostingRegressor({ nEstimators: 100_000 });
    await assert.rejects(async () => long.fit(x, y, { signal: AbortSignal.abort() }), { name: "AbortError" });
    const started = performance.now();
    await assert.rejects(async () => long.fit(x, y, { signal: AbortSignal.timeout(50) }), {
      name: "TimeoutError",
    });
    assert.ok(performance.now() - started < 5000);
  });

  it("refuses JSON that is no model", async () => {
    const labels = y.map((value) => value > 0);
    const good = JSON.stringify(await classifier.fit(x, labels));
    const parsed = (change: (json: Record<string, unknown>) => void): unknown => {
      const json = JSON.parse(good) as Record<string, unknown>;
      change(json);
      return json;
    };
    assert.doesNotThrow(() => loadBoosting(JSON.parse(good)));
    const forestOf = (json: Record<string, unknown>): Record<string, unknown> =>
      json["forest"] as Record<string, unknown>;
    for (const bad of [
      null,
      [],
      parsed((json) => void (json["version"] = 2)),
      parsed((json) => void (json["kind"] = "gradientBoostingRegressor")),
      parsed((json) => void (json["classes"] = ["one"])),
      parsed((json) => void (json["classes"] = ["a", "b", "c"])),
      parsed((json) => void (json["featureNames"] = ["a"])),
      parsed((json) => void (forestOf(json)["left"] = forestOf(json)["right"])),
      parsed((json) => void (forestOf(json)["rules"] = { type: "uint8", base64: "AAAA" })),
      parsed((json) => void (forestOf(json)["roots"] = { type: "int32", base64: "////fw==" })),
      parsed((json) => void (forestOf(json)["outputs"] = 1e9)),
      parsed((json) => void (forestOf(json)["link"] = "__proto__")),
    ])
      await refused(() => loadBoosting(bad), /./);
  });
});
