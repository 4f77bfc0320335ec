/** @file `npm run bench -- features --python PYTHON`: one-hot and scale against scikit-learn, one thread each, in turns. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { openDatabase, sqlText, tableSource, type TableSource } from "../../ml/data/index.ts";
import { columns, oneHot, standardScaler, type FeatureMatrix } from "../../ml/features/index.ts";
import type { BenchCase, CaseMeasurements, Measured } from "./bench-row.ts";

const numeric = ["income", "age", "balance", "score"];
/** Columns of texts by how many different ones they hold. */
const categorical = { region: 5, job: 12, city: 20 };

const peerSchema = v.object({
  version: v.string(),
  results: v.record(v.string(), v.object({ fit: v.number(), transform: v.number(), checksum: v.number() })),
});
type Results = v.InferOutput<typeof peerSchema>["results"];

/** What is measured, of a peer's results. */
const steps: Readonly<Record<string, (results: Results[string]) => number>> = {
  fit: ({ fit }) => fit,
  transform: ({ transform }) => transform,
  "fit and transform": ({ fit, transform }) => fit + transform,
};

/** The measurements, a round for each peer in turns; throws where the peers' features differ. */
export async function benchFeatures(
  python: string,
  rounds: number,
  rows: number,
  onProgress: (text: string) => void,
): Promise<readonly CaseMeasurements[]> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-features-"));
  try {
    const file = join(folder, "rows.csv");
    using database = await openDatabase({ threads: 1 });
    await database.run(`CREATE TABLE people AS SELECT ${generated()} FROM range(${rows}) r(i)`);
    await database.run(`COPY people TO ${sqlText(file)} (HEADER)`);
    const table = await tableSource(database, "FROM people");
    const all: Results[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = { Tenon: await measureOurs(table) };
      const theirs = measureTheirs(python, file);
      assertSame({ ...ours, ...theirs });
      all.push({ ...ours, ...theirs });
      onProgress(`round ${round + 1} of ${rounds}`);
    }
    return Object.entries(steps).map(([step, of]) => measurementsOf(step, of, rows, all));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same rows on every machine. */
function generated(): string {
  const numbers = numeric.map((name, at) => `(hash(i * 7 + ${at}) % 100000)::DOUBLE / ${at + 3} AS ${name}`);
  const texts = Object.entries(categorical).map(
    ([name, count], at) => `'${name} ' || (hash(i * 11 + ${at}) % ${count})::VARCHAR AS ${name}`,
  );
  return [...numbers, ...texts].join(", ");
}

async function measureOurs(table: TableSource): Promise<Results[string]> {
  const routes = Object.fromEntries([
    ...numeric.map((name) => [name, standardScaler()] as const),
    ...Object.keys(categorical).map((name) => [name, oneHot()] as const),
  ]);
  const features = columns(routes);
  const few = await tableSource(table.database, `${table.sql} LIMIT 1000`);
  await (await features.fit(few)).transform(few);
  const started = performance.now();
  const fitted = await features.fit(table);
  const ready = performance.now();
  const matrix = await fitted.transform(table);
  return {
    fit: ready - started,
    transform: performance.now() - ready,
    checksum: checksum(matrix),
  };
}

/** A number that depends on each feature's place. */
function checksum({ data, rows, columns: { length: width } }: FeatureMatrix): number {
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (data[row * width + at] ?? 0) * (at + 1);
    total += Math.abs(sum);
  }
  return total;
}

function measureTheirs(python: string, file: string): Results {
  const script = fileURLToPath(new URL("./features-by-sklearn.py", import.meta.url));
  const output = execFileSync(python, [script, file, numeric.join(","), Object.keys(categorical).join(",")], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  return v.parse(peerSchema, JSON.parse(output)).results;
}

function assertSame(results: Results): void {
  const [first, ...others] = Object.entries(results);
  for (const [name, { checksum: theirs }] of others) {
    const ours = first?.[1].checksum ?? Number.NaN;
    if (!(Math.abs(theirs - ours) <= 1e-6 * Math.abs(ours)))
      throw new Error(`${name} computed other features: ${theirs}, not ${ours}`);
  }
}

function measurementsOf(
  step: string,
  of: (results: Results[string]) => number,
  rows: number,
  rounds: readonly Results[],
): CaseMeasurements {
  const measured: BenchCase = {
    name: `one-hot and scale, ${rows.toLocaleString("en-US")} rows: ${step}`,
    unit: "ms",
    better: "less",
  };
  const byPeer = new Map<string, Measured[]>();
  for (const [peer, result] of rounds.flatMap((each) => Object.entries(each)))
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), of(result)]);
  return { case: measured, byPeer };
}
