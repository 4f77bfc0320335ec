/** @file `npm run bench -- profile`: a table's profile and display against pandas and ydata-profiling, each in a process of its own. */
import { join } from "node:path";
import * as v from "valibot";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { tryCommand } from "../../support/run-command.ts";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import { mixedTable } from "./mixed-table.ts";

export interface ProfileBenchOptions {
  readonly rounds: number;
  readonly threads: number;
  /** The rows of the table that is profiled. */
  readonly rows: number;
  readonly onProgress: (text: string) => void;
}

const resultSchema = v.object({ milliseconds: v.number(), processor: v.number(), peak: v.number() });
type Result = v.InferOutput<typeof resultSchema>;
type Subject = () => Promise<Result | { readonly failed: string }>;

const folder = join(repositoryRoot, "test/bench/profile");
const flights = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");
const measures = {
  milliseconds: { name: "time, reading included", unit: "ms", better: "less" },
  processor: { name: "processor time", unit: "ms", better: "less" },
  peak: { name: "peak memory", unit: "MiB", better: "less" },
} as const satisfies Record<keyof Result, BenchCase>;

/** Measures in rounds, every subject once in each. */
export async function benchProfile(options: ProfileBenchOptions): Promise<CaseMeasurements[]> {
  const table = await mixedTable(options.rows);
  const pandas = (await pythonEnvironment("bench-profile", join(folder, "requirements.txt"))).python;
  const ydata = await ydataPython(options.onProgress);
  const ours = (what: string, file: string): Subject =>
    run(process.execPath, ["tenon-subject.mjs", what, file, String(options.threads)]);
  const theirs = (python: string, what: string, file: string): Subject =>
    run(python, ["pandas_subject.py", what, file]);
  const works: readonly (readonly [name: string, subjects: ReadonlyMap<string, Subject>])[] = [
    [
      `profile of ${options.rows.toLocaleString("en-US")} x 20`,
      new Map([
        ["tenon", ours("profile", table)],
        ["pandas", theirs(pandas, "pandas", table)],
        ...(ydata === undefined ? [] : [["ydata-profiling", theirs(ydata, "ydata", table)] as const]),
      ]),
    ],
    [
      "display of 3,000,000 flights",
      new Map([
        ["tenon", ours("display", flights)],
        ["pandas", theirs(pandas, "display", flights)],
      ]),
    ],
  ];
  const measured: CaseMeasurements[] = [];
  for (const [name, subjects] of works) {
    const results = new Map(
      [...subjects.keys()].map((subject) => [subject, [] as Awaited<ReturnType<Subject>>[]]),
    );
    for (let round = 1; round <= options.rounds; round++) {
      for (const [subject, measure] of subjects) {
        options.onProgress(`${name}, round ${round}: ${subject}`);
        results.get(subject)?.push(await measure());
      }
    }
    for (const [key, measure] of Object.entries(measures)) {
      const pick = (result: Awaited<ReturnType<Subject>>): Measured =>
        // SAFETY: the keys of `measures` are those of a result.
        "failed" in result ? result : result[key as keyof Result];
      const byPeer = new Map([...results].map(([subject, rounds]) => [subject, rounds.map(pick)]));
      measured.push({ case: { ...measure, name: `${name}: ${measure.name}` }, byPeer });
    }
  }
  return measured;
}

/** The Python that has ydata-profiling; undefined, and said so, where it does not install. */
async function ydataPython(onProgress: (text: string) => void): Promise<string | undefined> {
  try {
    return (await pythonEnvironment("bench-ydata", join(folder, "requirements-ydata.txt"))).python;
  } catch (error) {
    onProgress(
      `ydata-profiling does not install here: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

function run(program: string, [script = "", ...args]: readonly string[]): Subject {
  return async () => {
    const { code, stdout, stderr } = await tryCommand(program, [join(folder, script), ...args]);
    if (code !== 0) return { failed: stderr.trim().split("\n").at(-1) ?? `it ended with ${code}` };
    return v.parse(resultSchema, JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  };
}
