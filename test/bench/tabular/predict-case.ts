/**
 * @file 100 trees of depth 6 on 1M rows of 28 columns: our predictor, ONNX Runtime's TreeEnsemble on our export, and
 * XGBoost, whose model it is; one thread each, in turns. Then one row after another.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Session, toOnnx } from "../../../ml/graph/index.ts";
import type { Forest } from "../../../ml/trees/forest.ts";
import { compileForest } from "../../../ml/trees/predictor/compile-forest.ts";
import { decodeXgboost } from "../../../ml/trees/native/xgboost.ts";
import { predictForest } from "../../../ml/trees/predict-forest.ts";
import { traceForest } from "../../../ml/trees/trace-forest.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import type { TabularOptions } from "./main.ts";

const width = 28;
/** Rows that are predicted one after another. */
const singles = 2000;
/** ONNX Runtime is fed with chunks of as many rows; larger ones are slower. */
const chunk = 65_536;

const timesSchema = v.object({ wall: v.number(), cpu: v.number() });
type Times = v.InferOutput<typeof timesSchema>;
const peerSchema = v.object({
  version: v.string(),
  times: v.record(v.string(), timesSchema),
  one: v.number(),
});

/** A round for each peer in turns. @throws where predictions differ by more than 1e-5 */
export async function benchPrediction({
  python,
  rounds,
  quick,
  onProgress,
}: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const rows = quick ? 100_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-predict-"));
  const all: Measured[] = [];
  try {
    const script = join(import.meta.dirname, "predict-by-xgboost.py");
    const env = { ...process.env, OMP_NUM_THREADS: "1" };
    const run = (step: string): string =>
      execFileSync(python, [script, folder, `${rows}`, step], { encoding: "utf8", env });
    run("train");
    const { forest } = decodeXgboost(readFileSync(join(folder, "model.json")));
    const data = floats(join(folder, "rows.bin"));
    const model = toOnnx(({ x }) => ({ y: traceForest(forest, x) }), {
      x: { dtype: "float32", shape: ["rows", width] },
    });
    await using session = await Session.create(model);
    for (let round = 1; round <= rounds; round++) {
      const ours = await measureOurs(forest, data, rows);
      const runtime = await measureRuntime(session, data, rows);
      const { version, times, one } = v.parse(peerSchema, JSON.parse(run("predict")));
      requireSame("ONNX Runtime", ours.predicted, runtime.predicted);
      requireSame("XGBoost", ours.predicted, floats(join(folder, "predicted.bin")));
      all.push({ peer: "Tenon", ...ours }, { peer: "ONNX Runtime", ...runtime });
      for (const [name, measured] of Object.entries(times))
        all.push({ peer: `XGBoost ${version}, ${name}`, ...measured, one });
      onProgress(
        `round ${round} of ${rounds}: ${ours.wall.toFixed(0)} ms, ONNX Runtime ${runtime.wall.toFixed(0)} ms`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const of = (measured: (each: Measured) => number): ReadonlyMap<string, readonly number[]> =>
    new Map(
      [...new Set(all.map(({ peer }) => peer))].map((peer) => [
        peer,
        all.filter((each) => each.peer === peer).map(measured),
      ]),
    );
  const title = `predict, 100 trees of depth 6, ${rows.toLocaleString("en-US")} x ${width}`;
  return [
    { case: { name: title, unit: "ms", better: "less" }, byPeer: of(({ wall }) => wall) },
    { case: { name: `${title}: CPU`, unit: "ms", better: "less" }, byPeer: of(({ cpu }) => cpu) },
    {
      case: { name: "predict, row by row", unit: "1/s", better: "more" },
      byPeer: of(({ one }) => 1000 / one),
    },
  ];
}

interface Measured extends Times {
  readonly peer: string;
  /** Milliseconds of one row by itself. */
  readonly one: number;
}

type Timed = Times & { readonly one: number; readonly predicted: Float32Array };

async function timed(run: () => Promise<void>): Promise<Times> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - started, cpu: (user + system) / 1000 };
}

async function measureOurs(forest: Forest, data: Float32Array, rows: number): Promise<Timed> {
  const columns = forest.featureNames;
  await predictForest(forest, { data: data.subarray(0, 10_000 * width), rows: 10_000, columns });
  let predicted: Float64Array = new Float64Array(0);
  const times = await timed(async () => {
    predicted = await predictForest(forest, { data, rows, columns });
  });
  const predictor = compileForest(forest);
  const into = new Float64Array(1);
  const single = async (): Promise<void> => {
    for (let row = 0; row < singles; row++)
      predictor.predict(data.subarray(row * width, (row + 1) * width), 1, into);
  };
  await single();
  const one = (await timed(single)).wall / singles;
  return { ...times, one, predicted: Float32Array.from(predicted) };
}

async function measureRuntime(session: Session, data: Float32Array, rows: number): Promise<Timed> {
  const predicted = new Float32Array(rows);
  const run = async (from: number, count: number): Promise<void> => {
    const part = data.subarray(from * width, (from + count) * width);
    const { y } = await session.run(
      { x: { dtype: "float32", shape: [count, width], data: part } },
      { y: null },
    );
    if (y?.data instanceof Float32Array) predicted.set(y.data, from);
  };
  await run(0, 10_000);
  const times = await timed(async () => {
    for (let from = 0; from < rows; from += chunk) await run(from, Math.min(chunk, rows - from));
  });
  const single = async (): Promise<void> => {
    for (let row = 0; row < singles; row++) await run(row, 1);
  };
  const one = (await timed(single)).wall / singles;
  return { ...times, one, predicted };
}

function floats(file: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
}

function requireSame(peer: string, ours: Float32Array, theirs: Float32Array): void {
  const at = ours.findIndex((value, row) => !(Math.abs(value - (theirs[row] ?? Number.NaN)) <= 1e-5));
  if (at >= 0) throw new Error(`${peer} predicts ${theirs[at]} for row ${at}, not ${ours[at]}`);
}
