/** @file A random forest of 100 trees on 100k rows of 28 columns beside scikit-learn's, one thread each, in turns. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Random } from "../../../ml/random.ts";
import { runCommand } from "../../support/run-command.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import type { TabularOptions } from "./main.ts";

const width = 28;
const trees = 100;

const outcomeSchema = v.object({
  name: v.string(),
  wall: v.number(),
  cpu: v.number(),
  predictCpu: v.number(),
  peak: v.number(),
  accuracy: v.number(),
});
type Outcome = v.InferOutput<typeof outcomeSchema>;

/** A round for each peer in turns. @throws where the accuracies on new rows differ by more than 0.01 */
export async function benchForest({
  python,
  rounds,
  quick,
  onProgress,
}: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const rows = quick ? 10_000 : 100_000;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-forest-"));
  const outcomes: Outcome[] = [];
  try {
    const file = join(folder, "rows.bin");
    writeRows(file, rows);
    const args = [file, `${rows}`, `${width}`, `${trees}`];
    const script = (name: string): string => join(import.meta.dirname, name);
    const env = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    const measure = async (command: string, first: readonly string[]): Promise<Outcome> => {
      const { stdout } = await runCommand(command, [...first, ...args], { env });
      return v.parse(outcomeSchema, JSON.parse(stdout));
    };
    for (let round = 1; round <= rounds; round++) {
      const ours = await measure(process.execPath, ["--import", "tsx", script("forest-by-tenon.ts")]);
      const theirs = await measure(python, [script("forest-by-sklearn.py")]);
      if (!(Math.abs(ours.accuracy - theirs.accuracy) <= 0.01))
        throw new Error(`the accuracies differ: ${ours.accuracy} and ${theirs.accuracy}`);
      outcomes.push(ours, theirs);
      const said = [ours, theirs].map(
        ({ name, wall, accuracy }) => `${name} ${wall.toFixed(0)} ms, ${accuracy}`,
      );
      onProgress(`round ${round} of ${rounds}: ${said.join("; ")}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const of = (measured: (outcome: Outcome) => number): ReadonlyMap<string, readonly number[]> =>
    new Map(
      [...new Set(outcomes.map(({ name }) => name))].map((name) => [
        name,
        outcomes.filter((each) => each.name === name).map(measured),
      ]),
    );
  const title = `random forest, ${rows.toLocaleString("en-US")} x ${width}`;
  return [
    { case: { name: `${title}: fit`, unit: "ms", better: "less" }, byPeer: of(({ wall }) => wall) },
    { case: { name: `${title}: fit, CPU`, unit: "ms", better: "less" }, byPeer: of(({ cpu }) => cpu) },
    {
      case: { name: `${title}: predict, CPU`, unit: "ms", better: "less" },
      byPeer: of(({ predictCpu }) => predictCpu),
    },
    { case: { name: `${title}: peak memory`, unit: "MiB", better: "less" }, byPeer: of(({ peak }) => peak) },
  ];
}

/** The same rows on every machine: float32 columns, row-major, then a class for each; twice as many as are learnt from. */
function writeRows(file: string, rows: number): void {
  const random = new Random(7);
  const data = new Float32Array(2 * rows * (width + 1));
  for (let row = 0; row < 2 * rows; row++) {
    for (let column = 0; column < width; column++) data[row * width + column] = random.normal();
    const x = (column: number): number => data[row * width + column] ?? 0;
    const score = x(0) * x(1) + Math.sin(2 * x(2)) + (x(3) * x(4)) / 2 + random.normal() / 2;
    data[2 * rows * width + row] = score > 0 ? 1 : 0;
  }
  writeFileSync(file, data);
}
