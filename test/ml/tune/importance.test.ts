import assert from "node:assert/strict";
import * as v from "valibot";
import {
  float,
  historyPlot,
  importancePlot,
  int,
  loadStudy,
  memoryStorage,
  categorical,
  conditional,
  optimize,
  parallelCoordinatePlot,
  parameterImportances,
  slicePlot,
  space,
  tpeSampler,
} from "../../../ml/tune/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { storedTrialSchema, storeTrials } from "./stored-trials.ts";

const { importances } = readReference(
  "tuning",
  v.object({
    importances: v.array(
      v.object({
        name: v.string(),
        direction: v.picklist(["minimize", "maximize"]),
        trials: v.array(storedTrialSchema),
        importances: v.record(v.string(), v.number()),
      }),
    ),
  }),
);

const searched = async () =>
  optimize(({ rate, kind }) => Math.log10(rate) ** 2 + (kind.kind === "tree" ? kind.depth : 1), {
    space: space({
      rate: float(1e-4, 1, { log: true }),
      layers: int(1, 4),
      kind: conditional({ tree: { depth: int(1, 9) }, linear: { norm: categorical(["l1", "l2"]) } }),
    }),
    trials: 40,
    sampler: tpeSampler({ seed: 1 }),
  });

describe("the importance of parameters", () => {
  for (const { name, direction, trials, importances: expected } of importances)
    it(`is Optuna's: ${name}`, async () => {
      const { storage } = await storeTrials(direction, trials);
      const found = parameterImportances(await loadStudy(storage, "study"));
      assert.deepEqual(Object.keys(found).toSorted(), Object.keys(expected).toSorted());
      const names = Object.keys(expected);
      assertCloseTo(
        names.map((each) => found[each] ?? Number.NaN),
        Object.values(expected),
        1e-8,
      );
      const shares = Object.values(found);
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => b - a),
      );
    });

  it("is the same for all where nothing can be told", async () => {
    const study = await optimize(() => 1, {
      space: space({ x: float(0, 1), y: int(1, 3) }),
      trials: 1,
      storage: memoryStorage(),
    });
    assert.deepEqual(parameterImportances(study), { x: 0.5, y: 0.5 });
  });
});

describe("figures of a study", () => {
  it("show the values, and the best so far", async () => {
    const study = await searched();
    const [values, best] = historyPlot(study).data;
    assert.equal(Array.from(values?.y ?? []).length, 40);
    const line = Array.from(best?.y ?? [], Number);
    assert.equal(line.at(-1), study.best.value);
    assert.ok(line.every((value, at) => at === 0 || value <= (line[at - 1] ?? 0)));
  });

  it("show each parameter on a scale of its own", async () => {
    const study = await searched();
    const { data, layout } = slicePlot(study, ["rate", "kind.tree.depth", "kind"]);
    assert.deepEqual(
      data.map((trace) => [trace.name, trace["xaxis"]]),
      [
        ["rate", undefined],
        ["kind.tree.depth", "x2"],
        ["kind", "x3"],
      ],
    );
    assert.deepEqual(
      ["xaxis", "xaxis2", "xaxis3"].map((axis) => Object(layout[axis]).type),
      ["log", "linear", "category"],
    );
    const trees = study.completed.filter(({ settings }) => settings.kind.kind === "tree");
    assert.deepEqual(
      data[1]?.x,
      trees.map(({ settings: { kind } }) => (kind.kind === "tree" ? kind.depth : 0)),
    );
    assert.throws(() => slicePlot(study, ["depth"]), /no parameter "depth"/);
  });

  it("draw a line through the parameters of each trial", async () => {
    const study = await searched();
    const { data } = parallelCoordinatePlot(study);
    const lines = data.filter(({ mode }) => mode === "lines");
    const places = lines.flatMap(({ y = [] }) => Array.from(y));
    // The value, three parameters that all trials have, and a gap.
    assert.equal(places.length, 40 * 5);
    assert.ok(places.every((place) => place === null || (Number(place) >= 0 && Number(place) <= 1)));
    // The last line is that of the best trial.
    assert.equal(Array.from(lines.at(-1)?.y ?? []).at(-5), 0);
  });

  it("show what mattered", async () => {
    const study = await searched();
    const [bars] = importancePlot(study).data;
    const shares = parameterImportances(study);
    assert.deepEqual(Array.from(bars?.y ?? []).toReversed(), Object.keys(shares));
    assert.ok((shares["layers"] ?? 1) < (shares["rate"] ?? 0), JSON.stringify(shares));
  });

  it("need a completed trial", async () => {
    const study = await optimize(() => Number.NaN, { space: space({ x: float(0, 1) }), trials: 2 });
    assert.throws(() => historyPlot(study), /no trial of study "study" was completed/);
    assert.throws(() => importancePlot(study), /no trial/);
    assert.throws(() => study.best, /no trial of study "study" was completed/);
  });
});
