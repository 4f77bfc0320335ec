/** @file k-means, nearest neighbours and kernel machines beside scikit-learn's, on the same rows. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Random } from "../../../ml/random.ts";
import { runCommand } from "../../support/run-command.ts";
import type { CaseMeasurements } from "../bench-row.ts";
import type { TabularOptions } from "./main.ts";

/** What a peer tells: for each part its CPU time in ms and a number that both must agree on. */
const outcomeSchema = v.object({
  name: v.string(),
  parts: v.record(v.string(), v.object({ cpu: v.number(), check: v.number() })),
});
type Outcome = v.InferOutput<typeof outcomeSchema>;

/** Rows of the file, and their columns; there are as many centers to begin with before them. */
const shape = { rows: 100_000, width: 20, centers: 30 };

/** A round for each peer in turns; the CPU seconds of fits and predictions. Throws where results differ. */
export async function benchClusters({
  python,
  rounds,
  threads,
  quick,
  onProgress,
}: TabularOptions): Promise<readonly CaseMeasurements[]> {
  const { width } = shape;
  const rows = quick ? shape.rows / 10 : shape.rows;
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-clusters-"));
  const outcomes: Outcome[] = [];
  try {
    const file = join(folder, "rows.bin");
    writeFileSync(file, rowsOf(rows));
    const args = [file, `${rows}`, `${width}`, `${shape.centers}`];
    const ours = ["--import", "tsx", join(import.meta.dirname, "clusters-by-tenon.ts"), ...args];
    const theirs = [join(import.meta.dirname, "clusters-by-sklearn.py"), ...args];
    const env = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
    for (let round = 1; round <= rounds; round++) {
      const asked = [await measure(process.execPath, ours, env), await measure(python, theirs, env)];
      requireAgreement(asked);
      outcomes.push(...asked);
      onProgress(`round ${round} of ${rounds}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const names = [...new Set(outcomes.map(({ name }) => name))];
  return Object.keys(outcomes[0]?.parts ?? {}).map((part) => ({
    case: { name: `${part}: CPU`, unit: "ms", better: "less" },
    byPeer: new Map(
      names.map((name) => [
        name,
        outcomes.flatMap((each) => (each.name === name ? [each.parts[part]?.cpu ?? Number.NaN] : [])),
      ]),
    ),
  }));
}

/** The centers to begin with, then rows around others: the same on every machine, float64, row-major. */
function rowsOf(rows: number): Float64Array {
  const { width, centers } = shape;
  const random = new Random(9);
  const middles = Float64Array.from({ length: centers * width }, () => 2 * random.normal());
  const data = new Float64Array((centers + rows) * width);
  for (let row = 0; row < centers + rows; row++) {
    const middle = Math.floor(random.uniform() * centers) * width;
    for (let column = 0; column < width; column++)
      data[row * width + column] = (middles[middle + column] ?? 0) + 1.5 * random.normal();
  }
  return data;
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
  for (const [part, { check }] of Object.entries(ours?.parts ?? {})) {
    const other = theirs?.parts[part]?.check ?? Number.NaN;
    if (!(Math.abs(check - other) <= 1e-4 * Math.abs(other)))
      throw new Error(`${part}: the results differ: ${check} and ${other}`);
  }
}
