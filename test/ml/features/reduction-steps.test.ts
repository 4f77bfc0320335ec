/** @file Decomposition and selection as steps of features: by query, on all features together, as ONNX, out of JSON. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { openDatabase, type Database } from "../../../ml/data/index.ts";
import type { TableSource } from "../../../ml/data/table-source.ts";
import { tableSource } from "../../../ml/data/table-source.ts";
import {
  columns,
  from,
  loadFeatures,
  oneHot,
  pca,
  recursiveElimination,
  selectFromLasso,
  selectFromLogistic,
  selectKBest,
  standardScaler,
  targetEncoder,
  truncatedSvd,
  varianceThreshold,
  type DenseMatrix,
  type FittedFeatures,
  type KeptState,
  type MatrixTransformer,
  type ScoreName,
} from "../../../ml/features/index.ts";
import { lasso } from "../../../ml/features/selection/lasso.ts";
import { pcaState, keptStates } from "../../../ml/features/found-states.ts";
import { readReference } from "../reference.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { referenceTable } from "./reference-table.ts";
import { runOnnx } from "./run-onnx.ts";

const numbers = v.array(v.number());
const decomposed = v.object({
  name: v.string(),
  rows: v.number(),
  columns: v.number(),
  data: numbers,
  components: v.nullable(v.number()),
  arbitrary: v.optional(v.number(), 0),
  explainedVariance: numbers,
  transformed: numbers,
});
const decomposition = readReference(
  "features-decomposition",
  v.object({
    pca: v.array(v.object({ ...decomposed.entries, whiten: v.boolean() })),
    truncatedSvd: v.array(decomposed),
  }),
);
const matrix = v.object({ rows: v.number(), columns: v.number(), data: numbers });
const selection = readReference(
  "features-selection",
  v.object({
    continuous: matrix,
    counts: matrix,
    scaled: matrix,
    amounts: numbers,
    labels: v.array(v.string()),
    binary: numbers,
    selectKBest: v.object({ classes: numbers, counts: numbers }),
    lasso: v.array(v.object({ alpha: v.number(), kept: numbers })),
    logistic: v.array(v.object({ c: v.number(), coefficients: v.array(numbers) })),
    rfe: v.array(
      v.object({ keep: v.nullable(v.number()), step: v.number(), alpha: v.number(), kept: numbers }),
    ),
  }),
);

describe("decomposition and selection as steps", () => {
  let database: Database;
  before(async () => {
    database = await openDatabase();
  });
  after(() => database.close());

  const tableOf = async (
    { rows, columns: width, data }: v.InferOutput<typeof matrix>,
    target?: readonly (string | number)[],
  ): Promise<TableSource> => {
    const values = (column: number): number[] =>
      Array.from({ length: rows }, (_, row) => data[row * width + column] ?? 0);
    return await referenceTable(database, "given", {
      ...Object.fromEntries(
        Array.from({ length: width }, (_, at) => [`c${at}`, { type: "DOUBLE", values: values(at) }]),
      ),
      ...(target && {
        y: { type: typeof target[0] === "string" ? "VARCHAR" : "DOUBLE", values: [...target] },
      }),
    });
  };
  const names = (width: number): readonly [string, ...string[]] => [
    "c0",
    ...Array.from({ length: width - 1 }, (_, at) => `c${at + 1}`),
  ];

  for (const each of decomposition.pca) {
    it(`PCA: ${each.name}`, async () => {
      const options = {
        whiten: each.whiten,
        ...(each.components !== null && { components: each.components }),
      };
      const table = await tableOf(each);
      const fitted = await columns({ all: from(names(each.columns), pca(options)) }).fit(table);
      await assertDecomposed(fitted, table, each);
      assert.deepEqual(pcaState(fitted).explainedVariance.length, each.explainedVariance.length);
    });
  }

  for (const each of decomposition.truncatedSvd) {
    it(`truncated SVD: ${each.name}`, async () => {
      const table = await tableOf(each);
      const step = truncatedSvd({ components: each.components ?? 1 });
      await assertDecomposed(await columns({ all: from(names(each.columns), step) }).fit(table), table, each);
    });
  }

  it("PCA by query equals PCA of a matrix", async () => {
    const each = decomposition.pca[0];
    assert.ok(each);
    const table = await tableOf(each);
    const all = from(names(each.columns), standardScaler());
    const byQuery = await columns({ all: from(names(each.columns), standardScaler(), pca()) }).fit(table);
    const piped = await columns({ all }).pipe(pca()).fit(table);
    assert.deepEqual(piped.names, byQuery.names);
    const { data } = await piped.transform(table);
    assertSameFeatures(data, (await byQuery.transform(table)).data);
    await assertSameElsewhere(piped, table);
    await assertSameElsewhere(byQuery, table);
  });

  const scores: readonly (readonly [ScoreName, number, "continuous" | "counts", "labels" | "amounts"])[] = [
    ["fClassif", 4, "continuous", "labels"],
    ["chi2", 3, "counts", "labels"],
    ["fRegression", 3, "continuous", "amounts"],
    ["rRegression", 2, "continuous", "amounts"],
    ["mutualInfoClassif", 4, "continuous", "labels"],
    ["mutualInfoRegression", 5, "continuous", "amounts"],
  ];
  for (const [score, k, data, y] of scores) {
    it(`select k best by ${score}, by query and on a matrix`, async () => {
      const table = await tableOf(selection[data], selection[y]);
      const given = names(selection[data].columns);
      const step = selectKBest(score, k);
      const byQuery = await columns({ all: from(given, step) }).fit(table, { target });
      const piped = await columns(Object.fromEntries(given.map((name) => [name, from(name, keep)])))
        .pipe(step)
        .fit(table, { target });
      assert.equal(byQuery.names.length, k);
      assert.deepEqual(piped.names, byQuery.names);
      assertSameScores(theState(byQuery), theState(piped));
      if (score === "fClassif") assert.deepEqual(theState(byQuery).kept, selection.selectKBest.classes);
      if (score === "chi2") assert.deepEqual(theState(byQuery).kept, selection.selectKBest.counts);
      await assertSameElsewhere(byQuery, table);
      await assertSameElsewhere(piped, table);
    });
  }

  it("selects by variance, and leaves missing values out", async () => {
    const table = await tableSource(
      database,
      "FROM (VALUES (0.1, NULL, 1, 5.0), (0.1, 2, 2, 'nan'::DOUBLE), (0.1, 2, 4, 5.5)) AS t(c0, c1, c2, c3)",
    );
    const all = ["c0", "c1", "c2", "c3"] as const;
    const fitted = await columns({ all: from(all, varianceThreshold()) }).fit(table);
    assert.deepEqual(fitted.names, ["c2", "c3"]);
    await assertSameElsewhere(fitted, table);
    const strict = await columns({ all: from(all, varianceThreshold(1)) }).fit(table);
    assert.deepEqual(strict.names, ["c2"]);
    await assert.rejects(
      columns({ c0: varianceThreshold() }).fit(table),
      /no feature has a variance above 0/,
    );
  });

  it("selects by models", async () => {
    const amounts = await tableOf(selection.scaled, selection.amounts);
    const given = names(selection.scaled.columns);
    const keptBy = async (step: MatrixTransformer, table: TableSource): Promise<readonly number[]> => {
      const fitted = await columns({ all: from(given, step) }).fit(table, { target });
      await assertSameElsewhere(fitted, table);
      return theState(fitted).kept;
    };
    for (const { alpha, kept } of selection.lasso)
      assert.deepEqual(await keptBy(selectFromLasso(alpha), amounts), kept);
    for (const { keep, step, alpha, kept } of selection.rfe) {
      const model = {
        fit: (x: DenseMatrix, y: Float64Array) => ({
          importances: lasso(x, y, alpha).coefficients.map(Math.abs),
        }),
      };
      const options = keep === null ? { step } : { keep, step };
      assert.deepEqual(await keptBy(recursiveElimination(model, options), amounts), kept);
    }
    const binary = await tableOf(selection.scaled, selection.binary);
    for (const { c, coefficients } of selection.logistic) {
      const [weights = []] = coefficients;
      const kept = Array.from(weights.keys()).filter((at) => Math.abs(weights[at] ?? 0) >= 1e-5);
      assert.deepEqual(await keptBy(selectFromLogistic(c), binary), kept);
    }
  });

  it("selects after columns(), texts' categories among the features", async () => {
    const table = await tableSource(
      database,
      `FROM (SELECT i AS age, ['a', 'b', 'c'][1 + i % 3] AS job, random() AS noise,
        CASE WHEN i % 3 = 1 THEN 'yes' ELSE 'no' END AS bought FROM range(90) AS r(i))`,
    );
    await database.run("CREATE OR REPLACE TABLE people AS " + table.sql);
    const people = await tableSource(database, "FROM people");
    const features = columns({ age: standardScaler(), job: oneHot(), noise: standardScaler() });
    const fitted = await features
      .pipe(varianceThreshold(), selectKBest("chi2", 1))
      .fit(people, { target: "bought" })
      .catch((error: unknown) => error);
    assert.match(String(fitted), /column "age" holds -1\.7.*chi-squared needs counts/);
    const chosen = await features.pipe(selectKBest("fClassif", 2)).fit(people, { target: "bought" });
    assert.ok(chosen.names.includes("job=b"), chosen.names.join());
    await assertSameElsewhere(chosen, people);
    const both = await features
      .pipe(selectKBest("fClassif", 3), pca({ components: 2 }))
      .fit(people, { target: "bought" });
    assert.deepEqual(both.names, ["pca0", "pca1"]);
    const bundle: unknown = Reflect.get(both, Symbol.for("Jupyter.display")).call(both);
    const shown = String(Reflect.get(Object(bundle), "text/plain"));
    assert.match(shown, /job +oneHot +3 /);
    assert.match(shown, /\(all features\) +selectKBest → pca +2 +pca0, pca1/);
    await assertSameElsewhere(both, people);
  });

  it("stands in chains with encoders, and beside folds", async () => {
    await database.run(
      `CREATE OR REPLACE TABLE chained AS SELECT ['a', 'b', 'c', 'd'][1 + i * 7 % 4] AS job, (i * 13 % 17)::DOUBLE AS age,
       (CASE WHEN i * 7 % 4 = 2 THEN 5 ELSE i % 3 END)::DOUBLE AS y FROM range(60) AS r(i) ORDER BY i`,
    );
    const table = await tableSource(database, "FROM chained");
    const chained = await columns({ job: [oneHot(), selectKBest("fRegression", 2)] }).fit(table, { target });
    assert.ok(chained.names.includes("job=c"), chained.names.join());
    await assertSameElsewhere(chained, table);
    const { fitted, matrix } = await columns({ job: targetEncoder(), age: standardScaler() })
      .pipe(selectKBest("fRegression", 1))
      .fitTransform(table, { target });
    assert.deepEqual(matrix.columns, ["job"]);
    assert.equal(matrix.data.length, 60);
    await assertSameElsewhere(fitted, table);
    // Each row was encoded by the others' targets, which later rows are not.
    assert.notDeepEqual(matrix.data, (await fitted.transform(table)).data);
  });

  it("gives a matrix without rows of a table without rows", async () => {
    const table = await tableSource(
      database,
      "FROM (VALUES (1.0, 2.0), (2.0, 5.0), (4.0, 4.5)) AS t(c0, c1)",
    );
    const none = await tableSource(database, "SELECT 1.0::DOUBLE AS c0, 2.0::DOUBLE AS c1 WHERE false");
    for (const fitted of [
      await columns({ both: from(["c0", "c1"], pca({ components: 1 })) }).fit(table),
      await columns({ c0: standardScaler(), c1: standardScaler() })
        .pipe(pca({ components: 1 }))
        .fit(table),
    ]) {
      const { data, rows } = await fitted.transform(none);
      assert.deepEqual([data.length, rows], [0, 0]);
      await assertSameElsewhere(fitted, none);
    }
    await assert.rejects(columns({ c0: pca() }).fit(none), /no rows/);
    await assert.rejects(columns({ c0: varianceThreshold() }).pipe(pca()).fit(none), /no rows/);
  });

  it("makes missing what is computed of missing values", async () => {
    const table = await tableSource(
      database,
      "FROM (VALUES (1.0::DOUBLE, 2.0::DOUBLE), (2.0, 5.0), (4.0, 4.5)) AS t(c0, c1)",
    );
    const later = await tableSource(
      database,
      "FROM (VALUES (1.0::DOUBLE, NULL::DOUBLE), ('nan'::DOUBLE, 1.0), (4.0, 4.5)) AS t(c0, c1)",
    );
    for (const fitted of [
      await columns({ both: from(["c0", "c1"], pca()) }).fit(table),
      await columns({ both: from(["c0", "c1"], truncatedSvd({ components: 1 })) }).fit(table),
      await columns({ both: from(["c0", "c1"], varianceThreshold()) })
        .pipe(pca())
        .fit(table),
    ]) {
      const { data, columns: found } = await fitted.transform(later);
      assert.deepEqual(
        Array.from(data, (each) => Number.isNaN(each)),
        Array.from(data, (_, at) => at < 2 * found.length),
      );
      await assertSameElsewhere(fitted, later);
    }
  });

  it("says what a step lacks", async () => {
    const table = await tableSource(
      database,
      "FROM (VALUES (1.5, 'x', 'a'), (NULL, 'y', 'b')) AS t(c0, t0, y)",
    );
    await assert.rejects(columns({ c0: pca() }).fit(table), /pca: column "c0" has missing values/);
    await assert.rejects(columns({ c0: selectKBest("fClassif", 1) }).fit(table), /needs a target/);
    await assert.rejects(
      columns({ c0: selectKBest("fClassif", 1) }).fit(table, { target }),
      /column "c0" has missing values/,
    );
    await assert.rejects(
      columns({ t0: oneHot() }).pipe(selectFromLasso(1)).fit(table, { target }),
      /the target of row 0 is "a", where a number is needed/,
    );
    const stored = (kind: string, state: unknown): unknown => ({
      version: 1,
      inputs: [],
      routes: [],
      piped: [{ kind, state }],
    });
    assert.throws(() => loadFeatures(stored("pca", {})), /pca: columns/);
    const kept = { columns: ["a", "b"], scores: [1, null] };
    for (const places of [[2], [1, 0], [0.5], []])
      assert.throws(
        () => loadFeatures(stored("selectKBest", { ...kept, kept: places })),
        /these are no fitted features/,
      );
    const svd = { columns: ["a"], explainedVariance: [1], explainedVarianceRatio: [1], singularValues: [1] };
    assert.throws(
      () => loadFeatures(stored("truncatedSvd", { ...svd, directions: [[1, 2]] })),
      /directions must be of the columns/,
    );
  });
});

const keep = varianceThreshold(-1);
/** Not a literal: the compiler cannot tell that no route has its name. */
const target: string = "y";

function theState(fitted: FittedFeatures): KeptState {
  const state = keptStates(fitted).at(-1);
  assert.ok(state);
  return state;
}

function assertSameScores(actual: KeptState, expected: KeptState): void {
  assert.deepEqual(actual.kept, expected.kept);
  const plain = ({ scores, pValues = [] }: KeptState): number[] =>
    [...scores, ...pValues].map((score) => score ?? Number.NaN);
  // Piped features are float32.
  assertSameFeatures(plain(actual), plain(expected), "scores", 2e-3);
}

async function assertDecomposed(
  fitted: FittedFeatures,
  table: TableSource,
  { columns: width, transformed, arbitrary }: v.InferOutput<typeof decomposed>,
): Promise<void> {
  const { data, columns: found } = await fitted.transform(table);
  const count = found.length;
  const isKnown = (_: number, at: number): boolean => at % count < count - arbitrary;
  const first = data.subarray(0, transformed.length);
  assert.ok(width > 0 && transformed.length % count === 0);
  assertSameFeatures(first.filter(isKnown), Float32Array.from(transformed).filter(isKnown));
  await assertSameElsewhere(fitted, table);
}

/** Equal as ONNX and out of JSON. */
async function assertSameElsewhere(fitted: FittedFeatures, table: TableSource): Promise<void> {
  const { data, columns: found } = await fitted.transform(table);
  assert.deepEqual(found, fitted.names);
  assertSameFeatures(await runOnnx(fitted, table), data, "ONNX");
  const stored = loadFeatures(JSON.parse(JSON.stringify(fitted)));
  assertSameFeatures((await stored.transform(table)).data, data, "JSON", 0);
}
