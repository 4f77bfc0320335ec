/** @file XGBoost: its library trains from here what it trains from Python, and gives back all memory however a fit ends. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import type { DenseMatrix } from "../../ml/dense-matrix.ts";
import {
  loadBoosting,
  xgboostClassifier,
  XgboostError,
  xgboostRegressor,
  type BoostingHistory,
} from "../../ml/trees/index.ts";
import { type PythonEnvironment, pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { type CaseRows, type TrainingCase, trainingCases } from "./xgboost/cases.ts";

const resultSchema = v.object({
  results: v.array(
    v.object({ predictions: v.array(v.number()), losses: v.array(v.number()), rounds: v.number() }),
  ),
});
type PythonResult = v.InferOutput<typeof resultSchema>["results"][number];

const folder = join(import.meta.dirname, "xgboost");

/** As far as float32 sums of 25 to 200 trees may be apart. */
const tolerance = 1e-6;
const mebibyte = 2 ** 20;

export const xgboost: InteropSuite = {
  name: "xgboost",
  about:
    "its library trains from here what it trains from Python: predictions, losses and rounds are equal; memory after 50 fits, a cancelled fit, hostile settings",
  peer: "xgboost-cpu 2.1.4, 3.2.0",
  run: async () => {
    const checks = new Checks();
    const { TENON_PYTHON, TENON_XGBOOST } = process.env;
    delete process.env["TENON_XGBOOST"];
    try {
      for (const version of ["2", "3"]) {
        const environment = await pythonEnvironment(
          `xgboost-${version}`,
          join(folder, `requirements-${version}.txt`),
        );
        process.env["TENON_PYTHON"] = environment.python;
        const results = await trainedByPython(environment);
        for (const [at, each] of trainingCases.entries())
          await checks.check(`version ${version}: ${each.name}`, () => checkSame(each, results[at]));
        await checks.check(`version ${version}: the system's path`, () => checkSystemLibrary(environment));
        await checks.check(`version ${version}: a fit that is cancelled`, checkCancelled);
        await checks.check(`version ${version}: hostile settings`, checkHostile);
        await checks.check(`version ${version}: memory after 50 fits`, checkMemory);
      }
    } finally {
      restore("TENON_PYTHON", TENON_PYTHON);
      restore("TENON_XGBOOST", TENON_XGBOOST);
    }
    return checks.result;
  },
};

async function trainedByPython({ python, env }: PythonEnvironment): Promise<readonly PythonResult[]> {
  const input = JSON.stringify(trainingCases);
  const options = { env, input, timeout: 120_000 };
  const { stdout } = await runCommand(python, [join(folder, "train_xgboost.py")], options);
  return v.parse(resultSchema, JSON.parse(stdout)).results;
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function matrixOf({ columns, dtype }: TrainingCase, { values, target }: CaseRows): DenseMatrix {
  const numbers = values.map((value) => value ?? Number.NaN);
  const data = dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return { data, rows: target.length, columns };
}

async function checkSame(each: TrainingCase, expected: PythonResult | undefined): Promise<void> {
  const { predictions, history } = await fitted(each);
  assert.ok(expected);
  assert.equal(history.rounds, expected.rounds, "rounds");
  assert.equal(predictions.length, expected.predictions.length);
  assertClose(predictions, expected.predictions, "prediction");
  assert.equal(history.validationLosses.length, expected.losses.length, "losses");
  assertClose(history.validationLosses, expected.losses, "loss");
}

async function fitted(
  each: TrainingCase,
): Promise<{ readonly predictions: ArrayLike<number>; readonly history: BoostingHistory }> {
  const { settings, rows, validation } = each;
  const x = matrixOf(each, rows);
  const options = {
    ...(rows.weights && { weights: rows.weights }),
    ...(validation && { validation: { ...validation, rows: matrixOf(each, validation) } }),
  };
  if (each.classes === 0) {
    const model = await xgboostRegressor(settings).fit(x, rows.target, options);
    const again = loadBoosting(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(await again.predict(x), await model.predict(x));
    return { predictions: await model.predict(x), history: model.history };
  }
  const model = await xgboostClassifier(settings).fit(x, rows.target, options);
  const probabilities = await model.predictProbabilities(x);
  // Python tells of two classes the second's.
  const predictions = each.classes > 2 ? probabilities : probabilities.filter((_, at) => at % 2 === 1);
  return { predictions, history: model.history };
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  for (const [at, value] of expected.entries()) {
    const apart = Math.abs((actual[at] ?? Number.NaN) - value);
    assert.ok(
      apart <= tolerance * Math.max(1, Math.abs(value)),
      `${what} ${at}: ${actual[at]}, not ${value}`,
    );
  }
}

/** Without variables the library's name is what the system is asked for, in a process that begins with its path. */
async function checkSystemLibrary({ directory, python }: PythonEnvironment): Promise<void> {
  const { stdout: found } = await runCommand(python, [
    "-c",
    "import importlib.util as u; print(u.find_spec('xgboost').submodule_search_locations[0])",
  ]);
  assert.ok(found.startsWith(directory));
  const script = `
    const { xgboostRegressor } = await import(${JSON.stringify(join(import.meta.dirname, "../../ml/trees/index.ts"))});
    const rows = { data: Float32Array.of(1, 2, 3, 4), rows: 4, columns: ["a"] };
    const model = await xgboostRegressor({ nEstimators: 3, minChildWeight: 0 }).fit(rows, [1, 1, 3, 3]);
    console.log(model.history.rounds);`;
  const { stdout } = await runCommand(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script],
    { env: { TENON_PYTHON: "", TENON_XGBOOST: "", LD_LIBRARY_PATH: join(found.trim(), "lib") } },
  );
  assert.equal(stdout.trim(), "3");
}

const wide = {
  data: Float32Array.from({ length: 400_000 }, (_, at) => Math.sin(at * at)),
  rows: 20_000,
  columns: Array.from({ length: 20 }, (_, at) => `x${at}`),
};
const target = Array.from({ length: wide.rows }, (_, row) => wide.data[20 * row] ?? 0);

/** Cancels while rounds go on; the event loop has turns, or the timer could not. */
async function checkCancelled(): Promise<void> {
  const controller = new AbortController();
  const reason = new Error("enough");
  const fit = xgboostRegressor({ nEstimators: 1_000_000, threads: 1 }).fit(wide, target, {
    signal: controller.signal,
  });
  await setTimeout(300);
  controller.abort(reason);
  await assert.rejects(fit, (error) => error === reason);
}

async function checkHostile(): Promise<void> {
  const hostile = [
    { maxDepth: 2 ** 40 },
    { lambda: 1e300 },
    { alpha: 1e300 },
    { minChildWeight: 1e300 },
    { learningRate: 1e38, nEstimators: 5 },
  ];
  for (const settings of hostile)
    await assert.rejects(
      xgboostRegressor(settings).fit(wide, target),
      XgboostError,
      JSON.stringify(settings),
    );
  const after = await xgboostRegressor({ nEstimators: 1, threads: 1 }).fit(wide, target);
  assert.equal(after.history.rounds, 1, "the library still works");
}

/** Fits that end well, fail and are cancelled: one matrix that stays would be 3 MiB a fit. */
async function checkMemory(): Promise<void> {
  const validation = { rows: wide, target };
  const round = async (number: number): Promise<void> => {
    const settings = { nEstimators: 2, earlyStoppingRounds: 1, threads: 1 };
    if (number % 5 === 3)
      await assert.rejects(xgboostRegressor({ maxDepth: 2 ** 40 }).fit(wide, target), XgboostError);
    else if (number % 5 === 4) {
      const signal = AbortSignal.timeout(40);
      const endless = xgboostRegressor({ nEstimators: 1_000_000, threads: 1 });
      await assert.rejects(endless.fit(wide, target, { signal, validation }));
    } else await xgboostRegressor(settings).fit(wide, target, { validation });
  };
  for (let number = 0; number < 10; number++) await round(number);
  const before = process.memoryUsage.rss();
  for (let number = 0; number < 50; number++) await round(number);
  const grown = (process.memoryUsage.rss() - before) / mebibyte;
  assert.ok(grown < 50, `the process grew by ${grown.toFixed(0)} MiB in 50 fits`);
}
