/**
 * @file `npm run bench -- feature-steps --python PYTHON`: texts, selection and decomposition against scikit-learn, one
 * thread each, in turns.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { openDatabase, sqlText, tableSource, type TableSource } from "../../ml/data/index.ts";
import {
  columns,
  from,
  keptStates,
  pca,
  pcaState,
  selectKBest,
  tfidfVectorizer,
  truncatedSvd,
  truncatedSvdState,
  type FeatureMatrix,
  type Features,
  type FittedFeatures,
} from "../../ml/features/index.ts";
import type { CaseMeasurements, Measured } from "./bench-row.ts";

const width = 20;
const textRows = 20_000;
const target: string = "y";
const numbers: readonly [string, ...string[]] = [
  "c0",
  ...Array.from({ length: width - 1 }, (_, at) => `c${at + 1}`),
];

/** A case: what is fitted, on which rows, and a number of the result that the peers must agree on. */
interface StepCase {
  readonly table: "texts" | "numbers" | "few";
  readonly features: Features;
  readonly check: (fitted: FittedFeatures, matrix: FeatureMatrix) => number;
}

const totalScore = (fitted: FittedFeatures): number => sum(keptStates(fitted)[0]?.scores.map(Number) ?? []);
const stepCases: Readonly<Record<string, StepCase>> = {
  "tf-idf": {
    table: "texts",
    features: columns({ text: tfidfVectorizer({ minDocuments: 2, maxDocuments: 0.05 }) }),
    check: (_, { data }) => sum(data),
  },
  "tf-idf and SVD": {
    table: "texts",
    features: columns({ text: [tfidfVectorizer({ minDocuments: 2 }), truncatedSvd({ components: 20 })] }),
    check: (fitted) => sum(truncatedSvdState(fitted).singularValues.slice(0, 3)),
  },
  PCA: {
    table: "numbers",
    features: columns({ all: from(numbers, pca({ components: 5 })) }),
    check: (fitted) => sum(pcaState(fitted).explainedVariance),
  },
  "F test": {
    table: "numbers",
    features: columns({ all: from(numbers, selectKBest("fClassif", 5)) }),
    check: totalScore,
  },
  "mutual information": {
    table: "few",
    features: columns({ all: from(numbers, selectKBest("mutualInfoClassif", 5)) }),
    check: totalScore,
  },
};

const peerSchema = v.object({
  results: v.record(v.string(), v.object({ fit: v.number(), transform: v.number(), check: v.number() })),
});
type Results = v.InferOutput<typeof peerSchema>["results"];

/** The measurements, a round for each peer in turns; throws where the peers' results differ. */
export async function benchFeatureSteps(
  python: string,
  rounds: number,
  rows: number,
  onProgress: (text: string) => void,
): Promise<readonly CaseMeasurements[]> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-feature-steps-"));
  try {
    using database = await openDatabase({ threads: 1 });
    await database.run(
      `CREATE TABLE texts AS SELECT ${generatedText()} AS text FROM range(${textRows}) r(i)`,
    );
    await database.run(`CREATE TABLE numbers AS SELECT ${generatedNumbers()} FROM range(${rows}) r(i)`);
    await database.run(`CREATE TABLE few AS FROM numbers LIMIT ${textRows}`);
    const tables: Record<string, TableSource> = {};
    for (const name of ["texts", "numbers", "few"]) {
      await database.run(`COPY ${name} TO ${sqlText(join(folder, `${name}.csv`))} (HEADER)`);
      tables[name] = await tableSource(database, `FROM ${name}`);
    }
    const all: Readonly<Record<string, Results>>[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours: Results = {};
      for (const [name, each] of Object.entries(stepCases)) {
        const table = tables[each.table];
        if (table) ours[name] = await measureOurs(each, table);
      }
      const theirs = measureTheirs(python, folder);
      assertSame(ours, theirs);
      all.push({ Tenon: ours, "scikit-learn": theirs });
      onProgress(`round ${round + 1} of ${rounds}`);
    }
    return Object.keys(stepCases).flatMap((name) => [
      measurementsOf(`${name}: fit`, all, (results) => results[name]?.fit),
      measurementsOf(`${name}: transform`, all, (results) => results[name]?.transform),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fifty words a text, of some thousands, a few of them frequent: the same on every machine. */
function generatedText(): string {
  const word = "'w' || ((hash(i * 1009 + j) % 3000) * (hash(i * 77 + j) % 100) // 100)::VARCHAR";
  return `(SELECT string_agg(${word}, ' ') FROM range(50) t(j))`;
}

/** Columns that share three hidden ones, and a target of four classes. */
function generatedNumbers(): string {
  const uniform = (seed: number): string => `((hash(i * 31 + ${seed}) % 1000003)::DOUBLE / 1000003)`;
  const terms = numbers.map((name, at) => `${at + 1} * ${uniform(at % 3)} + ${uniform(100 + at)} AS ${name}`);
  return [...terms, `floor(2 * ${uniform(0)} + 2 * ${uniform(200)})::INTEGER AS y`].join(", ");
}

async function measureOurs({ features, check }: StepCase, table: TableSource): Promise<Results[string]> {
  const started = performance.now();
  const fitted = await features.fit(
    table,
    table.columns.some(({ name }) => name === target) ? { target } : {},
  );
  const ready = performance.now();
  const matrix = await fitted.transform(table);
  const done = performance.now();
  return { fit: ready - started, transform: done - ready, check: check(fitted, matrix) };
}

function measureTheirs(python: string, folder: string): Results {
  const script = fileURLToPath(new URL("./feature-steps-by-sklearn.py", import.meta.url));
  const output = execFileSync(python, [script, folder], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  return v.parse(peerSchema, JSON.parse(output)).results;
}

function assertSame(ours: Results, theirs: Results): void {
  for (const [name, { check }] of Object.entries(ours)) {
    const other = theirs[name]?.check ?? Number.NaN;
    // Random projections and the noise of mutual information differ in their seeds.
    if (!(Math.abs(check - other) <= 1e-3 * Math.abs(other)))
      throw new Error(`${name}: scikit-learn computed ${other}, not ${check}`);
  }
}

function measurementsOf(
  name: string,
  rounds: readonly Readonly<Record<string, Results>>[],
  of: (results: Results) => number | undefined,
): CaseMeasurements {
  const byPeer = new Map<string, Measured[]>();
  for (const [peer, results] of rounds.flatMap((each) => Object.entries(each)))
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), of(results) ?? { failed: "not measured" }]);
  return { case: { name, unit: "ms", better: "less" }, byPeer };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
