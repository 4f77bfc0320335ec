/** @file Gradient boosting beside XGBoost's `hist`, LightGBM and scikit-learn: time, CPU time and peak memory of a fit. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Random } from "../../../ml/random.ts";
import { runCommand } from "../../support/run-command.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import type { TabularOptions } from "./main.ts";

const peers = ["xgboost", "lightgbm", "sklearn"];

const outcomeSchema = v.object({
  name: v.string(),
  wall: v.number(),
  cpu: v.number(),
  peak: v.number(),
  loss: v.number(),
});
type Outcome = v.InferOutput<typeof outcomeSchema>;

interface Shape {
  readonly rows: number;
  readonly width: number;
  readonly classes: number;
  readonly trees: number;
}

/** Two classes, 28 columns, 100 rounds, depth 6, 256 bins: 100,000 rows and, unless it must be quick, a million. */
export async function benchBoosting(options: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const sizes = options.quick ? [100_000] : [100_000, 1_000_000];
  const all: CaseMeasurements[] = [];
  for (const rows of sizes)
    all.push(...(await benchShape({ rows, width: 28, classes: 2, trees: 100 }, measuredRows, options)));
  return all;
}

/** Ten classes, 784 columns as of pixels, ten rounds: 60,000 rows; a tenth where it must be quick. */
export async function benchBoostedPixels(options: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const rows = options.quick ? 6_000 : 60_000;
  return benchShape({ rows, width: 784, classes: 10, trees: 10 }, pixels, options);
}

/** A round for each peer in turns. @throws where our loss on the held-out fifth is far from XGBoost's */
async function benchShape(
  { rows, width, classes, trees }: Shape,
  make: (rows: number, width: number) => readonly Float32Array[],
  { python, rounds, threads, onProgress }: TabularOptions,
): Promise<readonly CaseMeasurements[]> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-tabular-"));
  const outcomes: Outcome[] = [];
  try {
    const file = join(folder, "rows.bin");
    for (const [at, part] of make(rows, width).entries())
      writeFileSync(file, part, { flag: at === 0 ? "w" : "a" });
    const args = [file, ...[rows, width, classes, trees, threads].map(String)];
    const env = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
    for (let round = 1; round <= rounds; round++) {
      const ours = ["--import", "tsx", join(import.meta.dirname, "boosting-by-tenon.ts"), ...args];
      const asked = [await measure(threads, process.execPath, ours, env)];
      for (const peer of peers) {
        const theirs = [join(import.meta.dirname, "boosting-by-python.py"), peer, ...args];
        asked.push(await measure(threads, python, theirs, env));
      }
      requireAgreement(asked);
      outcomes.push(...asked);
      const said = asked.map(
        ({ name, cpu, loss }) => `${name} ${cpu.toFixed(0)} ms, loss ${loss.toFixed(4)}`,
      );
      onProgress(`round ${round} of ${rounds}: ${said.join("; ")}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const title = `boosting, ${rows.toLocaleString("en-US")} x ${width}, ${classes} classes`;
  const of = (measured: (outcome: Outcome) => number): ReadonlyMap<string, readonly number[]> =>
    new Map(
      [...new Set(outcomes.map(({ name }) => name))].map((name) => [
        name,
        outcomes.filter((each) => each.name === name).map(measured),
      ]),
    );
  return [
    { case: { name: `${title}: fit`, unit: "ms", better: "less" }, byPeer: of(({ wall }) => wall) },
    { case: { name: `${title}: fit, CPU`, unit: "ms", better: "less" }, byPeer: of(({ cpu }) => cpu) },
    { case: { name: `${title}: peak memory`, unit: "MiB", better: "less" }, byPeer: of(({ peak }) => peak) },
  ];
}

/** Columns as tables have them, and a class for each row: normal, mostly zero, long-tailed, whole, missing, constant. */
function measuredRows(rows: number, width: number): readonly Float32Array[] {
  const random = new Random(7);
  const weights = Float64Array.from({ length: width }, () => random.normal());
  const data = new Float32Array(rows * width);
  const target = new Float32Array(rows);
  const x = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    let margin = 2 * random.normal();
    for (let column = 0; column < width; column++) {
      let value = random.normal();
      if (column >= 20 && column < 23 && random.uniform() < 0.9) value = 0;
      margin += 0.5 * value * (weights[column] ?? 0);
      x[column] = value;
      if (column === 23) value = Math.exp(2 * value);
      else if (column === 24) value = Math.round(value);
      else if (column === 25) value = 1;
      else if (column === 26 && random.uniform() < 0.1) value = Number.NaN;
      else if (column === 27) value = value > 1 ? 1 : 0;
      data[row * width + column] = value;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = x;
    target[row] = margin + a * b + Math.sin(3 * c) + (d > 0.5 ? 2 * e : 0) > 0 ? 1 : 0;
  }
  return [data, target];
}

/** Pictures of 28 by 28 bytes: blots around places of their class, and noise; three of four pixels are 0. */
function pixels(rows: number, width: number): readonly Float32Array[] {
  const random = new Random(8);
  const side = Math.round(Math.sqrt(width));
  const centres = Array.from({ length: 30 }, () => 4 + random.uniform() * (side - 8));
  const data = new Float32Array(rows * width);
  const target = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = Math.floor(10 * random.uniform());
    target[row] = label;
    for (let blot = 0; blot < 3; blot++) {
      const centre = (at: number): number =>
        (centres[(3 * label + blot + at) % 30] ?? 0) + 2 * random.normal();
      const [left, top] = [centre(0), centre(7)];
      for (let spot = 0; spot < 60; spot++) {
        const column = Math.round(left + 2 * random.normal());
        const line = Math.round(top + 2 * random.normal());
        if (column < 0 || line < 0 || column >= side || line >= side) continue;
        const at = row * width + line * side + column;
        data[at] = Math.min(255, (data[at] ?? 0) + 60 + Math.floor(60 * random.uniform()));
      }
    }
  }
  return [data, target];
}

/** Runs a subject; for several threads on so many cores, so that one that chooses their number has as many and no more. */
async function measure(
  threads: number,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  const { stdout } =
    threads > 1
      ? await runCommand("taskset", ["-c", `0-${threads - 1}`, command, ...args], { env })
      : await runCommand(command, args, { env });
  return v.parse(outcomeSchema, JSON.parse(stdout));
}

function requireAgreement([ours, theirs]: readonly Outcome[]): void {
  const ratio = (ours?.loss ?? Number.NaN) / (theirs?.loss ?? Number.NaN);
  if (!(Math.abs(ratio - 1) <= 0.05)) throw new Error(`the losses differ: ${ours?.loss} and ${theirs?.loss}`);
}
