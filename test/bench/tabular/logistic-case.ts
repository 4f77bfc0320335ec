/** @file Logistic regression on 1M rows of 50 columns beside scikit-learn's: the time of the fit and the peak memory. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Random } from "../../../ml/random.ts";
import { runCommand } from "../../support/run-command.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import type { TabularOptions } from "./main.ts";

const width = 50;

const outcomeSchema = v.object({
  name: v.string(),
  wall: v.number(),
  cpu: v.number(),
  peak: v.number(),
  iterations: v.number(),
  objective: v.number(),
});
type Outcome = v.InferOutput<typeof outcomeSchema>;

/** A round for each peer in turns. @throws where the peer's minimum is lower than ours, or ours far lower */
export async function benchLogistic({
  python,
  rounds,
  threads,
  quick,
  onProgress,
}: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const rows = quick ? 100_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-tabular-"));
  const outcomes: Outcome[] = [];
  try {
    const file = join(folder, "rows.bin");
    writeRows(file, rows);
    const args = [file, `${rows}`, `${width}`];
    const ours = ["--import", "tsx", join(import.meta.dirname, "logistic-by-tenon.ts"), ...args];
    const theirs = [join(import.meta.dirname, "logistic-by-sklearn.py"), ...args];
    const env = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
    for (let round = 1; round <= rounds; round++) {
      const asked = [await measure(process.execPath, ours, env), await measure(python, theirs, env)];
      requireAgreement(asked);
      outcomes.push(...asked);
      const said = asked.map(
        ({ name, wall, iterations }) => `${name} ${wall.toFixed(0)} ms, ${iterations} steps`,
      );
      onProgress(`round ${round} of ${rounds}: ${said.join("; ")}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const title = `logistic, ${rows.toLocaleString("en-US")} x ${width}`;
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

/** The same rows on every machine: float64 columns, row-major, then a class for each row. */
function writeRows(file: string, rows: number): void {
  const random = new Random(5);
  const weights = Float64Array.from({ length: width }, () => random.normal() / 4);
  const data = new Float64Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    let margin = -0.5;
    // Neighbouring columns are alike, as measured ones are.
    let last = random.normal();
    for (let column = 0; column < width; column++) {
      last = 0.6 * last + 0.8 * random.normal();
      data[row * width + column] = last;
      margin += last * (weights[column] ?? 0);
    }
    data[rows * width + row] = random.uniform() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  }
  writeFileSync(file, data);
}

async function measure(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  const { stdout } = await runCommand(command, args, { env });
  return v.parse(outcomeSchema, JSON.parse(stdout));
}

function requireAgreement([ours, theirs]: readonly Outcome[]): void {
  const difference = (ours?.objective ?? Number.NaN) - (theirs?.objective ?? Number.NaN);
  if (!(Math.abs(difference) <= 1e-5))
    throw new Error(`the minima differ: ${ours?.objective} and ${theirs?.objective}`);
}
