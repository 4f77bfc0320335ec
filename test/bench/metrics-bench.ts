/** @file `npm run bench -- metrics --python PYTHON`: measures of many rows against scikit-learn's in CPU time, in turns. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import * as evaluate from "../../ml/evaluate/index.ts";
import { Random } from "../../ml/random.ts";
import type { BenchCase, CaseMeasurements } from "./bench-row.ts";
import { median } from "./statistics.ts";

const repetitions = 5;
const peer = "scikit-learn";

const peerSchema = v.object({
  version: v.string(),
  results: v.record(v.string(), v.object({ milliseconds: v.number(), value: v.number() })),
});

/** The measurements, a round for each peer in turns; throws where the peers' values differ. */
export async function benchMetrics(
  python: string,
  rounds: number,
  rows: number,
  onProgress: (text: string) => void,
): Promise<readonly CaseMeasurements[]> {
  const data = generated(rows);
  const cases = casesOf(data);
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-metrics-"));
  try {
    for (const [name, values] of Object.entries(data)) writeFileSync(join(folder, name), values);
    const measured = new Map(
      cases.map(({ name }) => [name, { ours: [] as number[], theirs: [] as number[] }]),
    );
    for (let round = 0; round < rounds; round++) {
      const theirs = measureTheirs(python, folder);
      for (const { name, measure } of cases) {
        const ours = {
          value: measure(),
          milliseconds: median(Array.from({ length: repetitions }, () => timed(measure))),
        };
        const other = theirs[name];
        if (!other || Math.abs(other.value - ours.value) > 1e-6 * Math.abs(other.value))
          throw new Error(`${name}: ${ours.value} is not ${peer}'s ${other?.value}`);
        measured.get(name)?.ours.push(ours.milliseconds);
        measured.get(name)?.theirs.push(other.milliseconds);
      }
      onProgress(`round ${round + 1} of ${rounds}`);
    }
    return [...measured].map(([name, { ours, theirs }]) => {
      const bench: BenchCase = { name, unit: "ms", better: "less" };
      return {
        case: bench,
        byPeer: new Map([
          ["Tenon", ours],
          [peer, theirs],
        ]),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Data {
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  readonly weights: Float64Array;
  readonly classes: Int32Array;
  readonly said: Int32Array;
  readonly numbers: Float64Array;
  readonly predicted: Float64Array;
  /** Probabilities of five classes for a fifth of the rows. */
  readonly several: Float64Array;
  /** Queries of a hundred rows each. */
  readonly relevance: Float64Array;
  readonly ranked: Float64Array;
}

/** The same rows on every machine. */
function generated(rows: number): Data {
  const random = new Random(1);
  const labels = Uint8Array.from({ length: rows }, () => (random.uniform() < 0.3 ? 1 : 0));
  const classes = Int32Array.from({ length: rows }, () => Math.floor(random.uniform() * 10));
  const numbers = Float64Array.from({ length: rows }, () => Math.exp(random.normal()));
  const several = new Float64Array(rows);
  for (let row = 0; row < rows / 5; row++) {
    const parts = Array.from({ length: 5 }, () => random.uniform());
    parts[(classes[row] ?? 0) % 5] = 1 + random.uniform();
    const sum = parts.reduce((all, part) => all + part, 0);
    for (const [code, part] of parts.entries()) several[5 * row + code] = part / sum;
  }
  const relevance = Float64Array.from({ length: rows }, () =>
    Math.max(0, Math.floor(random.uniform() * 8 - 4)),
  );
  return {
    labels,
    scores: Float64Array.from(labels, (label) => 1 / (1 + Math.exp(-label - random.normal()))),
    weights: Float64Array.from(labels, () => 0.5 + random.uniform()),
    classes,
    said: classes.map((code) => (random.uniform() < 0.6 ? code : Math.floor(random.uniform() * 10))),
    numbers,
    predicted: numbers.map((value) => value * Math.exp(0.5 * random.normal())),
    several,
    relevance,
    ranked: relevance.map((value) => value + 2 * random.normal()),
  };
}

function casesOf({
  labels,
  scores,
  weights,
  classes,
  said,
  numbers,
  predicted,
  several,
  ...ranking
}: Data): readonly {
  readonly name: string;
  readonly measure: () => number;
}[] {
  const single = Float32Array.from(scores);
  const truth = classes.subarray(0, several.length / 5).map((code) => code % 5);
  const queries = Int32Array.from(ranking.relevance, (_, row) => Math.floor(row / 100));
  const measures: Readonly<Record<string, () => number>> = {
    AUC: () => evaluate.rocAuc(labels, scores),
    "AUC, float32": () => evaluate.rocAuc(labels, single),
    "AUC by weight": () => evaluate.rocAuc(labels, scores, { weights }),
    "average precision": () => evaluate.averagePrecision(labels, scores),
    "ROC curve": () => evaluate.rocCurve(labels, scores).thresholds.length,
    "log-loss": () => evaluate.logLoss(labels, scores),
    "Brier score": () => evaluate.brierScore(labels, scores),
    "accuracy, 10 classes": () => evaluate.accuracy(classes, said),
    "F1 macro, 10 classes": () => evaluate.f1Score(classes, said, { average: "macro" }),
    "Matthews, 10 classes": () => evaluate.matthewsCorrelation(classes, said),
    "AUC of 5 classes, 200k rows": () => evaluate.multiclassRocAuc(truth, several),
    "R²": () => evaluate.r2Score(numbers, predicted),
    "mean absolute error": () => evaluate.meanAbsoluteError(numbers, predicted),
    "median absolute error": () => evaluate.medianAbsoluteError(numbers, predicted),
    "Poisson deviance": () => evaluate.meanPoissonDeviance(numbers, predicted),
    "NDCG, 10k queries": () => evaluate.ndcg(ranking.relevance, ranking.ranked, { queries }),
    "adjusted Rand": () => evaluate.adjustedRand(classes, said),
  };
  return Object.entries(measures).map(([name, measure]) => ({ name, measure }));
}

/** CPU time of the whole process, which other work on the machine lengthens less than the clock's. */
function timed(measure: () => unknown): number {
  const started = process.cpuUsage();
  measure();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function measureTheirs(python: string, folder: string): v.InferOutput<typeof peerSchema>["results"] {
  const script = fileURLToPath(new URL("./metrics-by-sklearn.py", import.meta.url));
  const output = execFileSync(python, [script, folder, String(repetitions)], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  return v.parse(peerSchema, JSON.parse(output)).results;
}
