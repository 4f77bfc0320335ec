/** @file `npm run bench -- tabular --python PYTHON`: classical models on tables beside their Python peers, in turns. */
import type { CaseMeasurements } from "../bench-row.ts";
import { benchBoostedPixels, benchBoosting } from "./boosting-case.ts";
import { benchForest } from "./forest-case.ts";
import { benchLogistic } from "./logistic-case.ts";
import { benchPrediction } from "./predict-case.ts";
import { benchClusters } from "./clusters-case.ts";

/** How a case is measured. */
export interface TabularOptions {
  /** The Python of an environment with the peers. */
  readonly python: string;
  readonly rounds: number;
  readonly threads: number;
  /** A tenth of the rows. */
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
}

/** The cases by name. */
export const tabularCases = {
  boosting: benchBoosting,
  "boosting-pixels": benchBoostedPixels,
  predict: benchPrediction,
  forest: benchForest,
  logistic: benchLogistic,
  clusters: benchClusters,
} as const satisfies Readonly<
  Record<string, (options: TabularOptions) => Promise<readonly CaseMeasurements[]>>
>;

/** The name of a case. */
export type TabularCase = keyof typeof tabularCases;

/** The names of all cases. */
export const tabularCaseNames = Object.keys(tabularCases).filter(
  (name): name is TabularCase => name in tabularCases,
);

/** Measures some cases, one after the other. */
export async function benchTabular(
  names: readonly TabularCase[],
  options: TabularOptions,
): Promise<readonly CaseMeasurements[]> {
  const measurements: CaseMeasurements[] = [];
  for (const name of names) measurements.push(...(await tabularCases[name](options)));
  return measurements;
}
