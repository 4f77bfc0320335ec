/** @file Validation of three million flights by 30 expectations: ours, and Great Expectations on pandas, in turns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { runCommand } from "../../support/run-command.ts";
import type { BenchCase, CaseMeasurements, Measured } from "../bench-row.ts";
import { flightsSuite } from "./flights-suite.ts";

interface ValidationBenchOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly onProgress: (text: string) => void;
}

const outcomeSchema = v.object({
  version: v.string(),
  fromFile: v.number(),
  processor: v.number(),
  inMemory: v.number(),
  peak: v.number(),
  /** Whether each expectation was met, and how many values were unexpected. */
  found: v.record(v.string(), v.tuple([v.boolean(), v.nullable(v.number())])),
});

type Outcome = v.InferOutput<typeof outcomeSchema>;

const cases: readonly (BenchCase & { readonly measure: (outcome: Outcome) => number })[] = [
  { name: "from the Parquet file", unit: "ms", better: "less", measure: ({ fromFile }) => fromFile },
  {
    name: "processor time, from the file",
    unit: "ms",
    better: "less",
    measure: ({ processor }) => processor,
  },
  { name: "from a table in memory", unit: "ms", better: "less", measure: ({ inMemory }) => inMemory },
  { name: "peak memory, from the file", unit: "MiB", better: "less", measure: ({ peak }) => peak },
];

/** A case's values, ours first. @throws where the two disagree about an expectation */
export async function benchValidation({
  rounds,
  threads,
  onProgress,
}: ValidationBenchOptions): Promise<readonly CaseMeasurements[]> {
  const flights = join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet");
  const { python, env } = await pythonEnvironment(
    "bench-validation",
    join(import.meta.dirname, "requirements.txt"),
  );
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const suiteFile = join(folder, "flights.suite.json");
  const outcomes = new Map<string, Outcome[]>();
  try {
    await flightsSuite.save(suiteFile);
    for (let round = 1; round <= rounds; round++) {
      onProgress(`round ${round} of ${rounds}`);
      const ours = await measure(process.execPath, [
        "--import",
        "tsx",
        join(import.meta.dirname, "ours.ts"),
        flights,
        `${threads}`,
      ]);
      const theirs = await measure(python, [join(import.meta.dirname, "gx_peer.py"), flights, suiteFile], {
        ...env,
        OMP_NUM_THREADS: `${threads}`,
      });
      requireAgreement(ours, theirs);
      for (const outcome of [ours, theirs])
        outcomes.set(outcome.version, [...(outcomes.get(outcome.version) ?? []), outcome]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return cases.map(({ measure: measureCase, ...measured }) => ({
    case: measured,
    byPeer: new Map<string, readonly Measured[]>(
      [...outcomes].map(([version, each]) => [version, each.map(measureCase)]),
    ),
  }));
}

async function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const output = await runCommand(program, args, { env });
  return v.parse(outcomeSchema, JSON.parse(output.stdout.trim().split("\n").at(-1) ?? ""));
}

function requireAgreement(ours: Outcome, theirs: Outcome): void {
  const names = Object.keys(ours.found);
  const different = names.filter(
    (name) => JSON.stringify(ours.found[name]) !== JSON.stringify(theirs.found[name]),
  );
  if (names.length !== flightsSuite.expectations.length || different.length > 0)
    throw new Error(`the two find different things: ${different.join("; ")}`);
}
