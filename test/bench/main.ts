/** @file `npm run bench -- NAME [options]`: comparisons with named peers. */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type BenchRow, type CaseMeasurements, toRows } from "./bench-row.ts";
import { measureCheckLatency } from "./check-bench.ts";
import { benchEditor } from "./editor/editor-bench.ts";
import { benchFeatureSteps } from "./feature-steps-bench.ts";
import { benchFeatures } from "./features-bench.ts";
import { benchKernels } from "./kernel/kernel-bench.ts";
import { type PeerName, peerNames } from "./kernel/kernel-peers.ts";
import { benchMetrics } from "./metrics-bench.ts";
import { measureOptimizers } from "./optimizers-bench.ts";
import { benchProfile } from "./profile/profile-bench.ts";
import { formatTable } from "./table.ts";
import { benchServe } from "./serve/serve-bench.ts";
import { benchTabular, tabularCaseNames } from "./tabular/main.ts";
import { benchLogging } from "./track/logging-bench.ts";
import { benchTrack } from "./track/track-bench.ts";
import { benchTables } from "./tables/tables-bench.ts";
import { trainCaseNames } from "./train/cases.ts";
import { benchTraining } from "./train/train-bench.ts";
import { measureTuning } from "./tune-bench.ts";
import { subjectNames } from "./train/train-peers.ts";
import { benchValidation } from "./validation/validation-bench.ts";

const usage = `Usage: npm run bench -- NAME [options]

  kernel         Tenon, Deno, tslab and ipykernel, through one Jupyter client
  editor         the extension in VS Code's window; nbclient with ipykernel, and pandas, as the floor
  train          training steps of Tenon, PyTorch, TensorFlow.js and jax-js, one thread each
  check          the type check of a cell after 1, 60 and 1,000 executed cells
  tables         questions to Parquet files: Tenon, pandas and Polars
  validation     30 expectations over three million rows, and Great Expectations on pandas
  profile        a table's profile and display; pandas and ydata-profiling
  features       one-hot and scale on 1M rows, and scikit-learn's (needs --python)
  feature-steps  texts, selection and decomposition, and scikit-learn's (needs --python)
  tabular        classical models on tables, and scikit-learn's and others' (needs --python)
  metrics        measures of 1M rows, and scikit-learn's (needs --python)
  track          runs logged, searched and read, and MLflow's server on SQLite (needs --python)
  logging        what logging adds to a fit; a metric's cost, and MLflow's client's (needs --python)
  serve          \`tenon serve\` beside FastAPI, BentoML and MLflow, HTTP and gRPC (needs --python and wrk)
  optimizers     a step of Adam, and PyTorch's (needs --python)
  tune           best values of a search over 20 seeds, and Optuna's; times too with --python

  --json         one JSON object a line
  --rounds N     rounds; 3 where not given, of training 8
  --quick        fewer repetitions, one round
  --python FILE  the Python of an environment with torch, with scikit-learn and pandas, or with optuna and cmaes
  --peers A,B    only these kernels (${peerNames.join(", ")})
                 or, in training, these (${subjectNames.join(", ")})
  --case A,B     only these cases of training (${trainCaseNames.join(", ")})
                 or of tabular (${tabularCaseNames.join(", ")})
  --threads N    threads in training and of DuckDB, for those that can use several; 1 where not given
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    peers: { type: "string" },
    python: { type: "string" },
    case: { type: "string" },
    threads: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printRows = (rows: readonly object[]): void => rows.forEach((row) => print(JSON.stringify(row)));

async function benchKernel(): Promise<void> {
  const peers = chosen(values.peers, peerNames);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError();
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
  const result = await benchKernels({ peers, rounds, quick: values.quick, onProgress });
  const [first] = peers;
  const ours: PeerName = peers.includes("tenon") ? "tenon" : (first ?? "tenon");
  if (values.json) {
    const rows: BenchRow[] = result.measurements.flatMap((measured) => toRows("kernel", ours, measured));
    printRows(rows);
    return;
  }
  printMachine();
  print(`${result.peers.join(", ")}; ${count(rounds, "round")}\n`);
  print(formatTable(result.measurements, ours));
  for (const remark of result.remarks) print(`  ${remark}`);
}

async function benchInEditor(): Promise<void> {
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError();
  // The window, its server and the kernels end when the process does.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
  const measurements = await benchEditor({ rounds, quick: values.quick, onProgress });
  if (values.json) {
    printRows(measurements.flatMap((measured) => toRows("editor", "tenon", measured)));
    return;
  }
  printMachine();
  print(`${count(rounds, "round")}\n`);
  print(formatTable(measurements, "tenon"));
}

async function benchTrain(): Promise<void> {
  const subjects = chosen(values.peers, subjectNames);
  const cases = chosen(values.case, trainCaseNames);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 8));
  const threads = Number(values.threads);
  if (![rounds, threads].every((count) => Number.isInteger(count) && count >= 1)) throw new UsageError();
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
  const options = { cases, subjects, rounds, threads, quick: values.quick, onProgress };
  const { measurements, remarks } = await benchTraining(options);
  const ours = subjects[0] ?? "tenon";
  if (values.json) {
    printRows(measurements.flatMap((measured) => toRows("train", ours, measured)));
    return;
  }
  printMachine();
  print(`${count(rounds, "round")}, ${count(threads, "thread")}\n`);
  print(formatTable(measurements, ours));
  for (const remark of remarks) print(`  ${remark}`);
}

/** A benchmark of tables against libraries of Python. */
async function benchWithPython(
  bench: string,
  ours: string,
  measure: (options: {
    readonly rounds: number;
    readonly threads: number;
    readonly onProgress: (text: string) => void;
  }) => Promise<readonly CaseMeasurements[]>,
): Promise<void> {
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const threads = Number(values.threads);
  if (![rounds, threads].every((count) => Number.isInteger(count) && count >= 1)) throw new UsageError();
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
  const measurements = await measure({ rounds, threads, onProgress });
  if (values.json) return printRows(measurements.flatMap((measured) => toRows(bench, ours, measured)));
  printMachine();
  print(`${count(rounds, "round")}, ${count(threads, "thread")}\n`);
  print(formatTable(measurements, ours));
}

async function benchWithScikitLearn(
  bench: string,
  measure: typeof benchFeatures,
  rows: number,
): Promise<void> {
  const { python, quick } = values;
  if (python === undefined) throw new UsageError();
  await benchWithPython(bench, "Tenon", async ({ rounds, onProgress }) =>
    measure(python, rounds, quick ? rows / 10 : rows, onProgress),
  );
}

/** The names among `all` that a list separated by commas holds; all where there is no list. */
function chosen<Name extends string>(list: string | undefined, all: readonly Name[]): readonly Name[] {
  const wanted = list?.split(",") ?? all;
  const found = all.filter((name) => wanted.includes(name));
  if (found.length !== wanted.length) throw new UsageError();
  return found;
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function printMachine(): void {
  const cores = cpus();
  print(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cores.length} × ${cores[0]?.model ?? "CPU"}`,
  );
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

const benches: Readonly<Record<string, (() => Promise<void>) | undefined>> = {
  kernel: benchKernel,
  editor: benchInEditor,
  train: benchTrain,
  tables: async () =>
    benchWithPython("tables", "Tenon", async (options) => benchTables({ ...options, quick: values.quick })),
  validation: async () => benchWithPython("validation", "Tenon", benchValidation),
  profile: async () =>
    benchWithPython("profile", "tenon", async (options) =>
      benchProfile({ ...options, rows: values.quick ? 100_000 : 1_000_000 }),
    ),
  features: async () => benchWithScikitLearn("features", benchFeatures, 1_000_000),
  "feature-steps": async () => benchWithScikitLearn("feature-steps", benchFeatureSteps, 500_000),
  tabular: async () => {
    const { python, quick } = values;
    if (python === undefined) throw new UsageError();
    const cases = chosen(values.case, tabularCaseNames);
    await benchWithPython("tabular", "Tenon", async (options) =>
      benchTabular(cases, { ...options, python, quick }),
    );
  },
  metrics: async () => benchWithScikitLearn("metrics", benchMetrics, 1_000_000),
  track: async () => {
    const { python, quick } = values;
    if (python === undefined) throw new UsageError();
    await benchWithPython("track", "Tenon", async (options) => benchTrack({ ...options, python, quick }));
  },
  logging: async () => {
    const { python, quick } = values;
    if (python === undefined) throw new UsageError();
    await benchWithPython("logging", "Tenon", async (options) => benchLogging({ ...options, python, quick }));
  },
  serve: async () => {
    const { python, quick } = values;
    if (python === undefined) throw new UsageError();
    // A round takes minutes.
    values.rounds ??= "1";
    await benchWithPython("serve", "Tenon", async (options) => benchServe({ ...options, python, quick }));
  },
  check: async () => {
    const rows = await measureCheckLatency();
    if (values.json) printRows(rows);
    else for (const row of rows) print(`${row.case.padEnd(56)} ${row.ours.toFixed(2)} ${row.unit}`);
  },
  optimizers: async () => {
    if (values.python === undefined) throw new UsageError();
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError();
    const rows = measureOptimizers(values.python, rounds, values.quick ? 50 : 300);
    if (values.json) return printRows(rows);
    printMachine();
    for (const { case: name, peer, ours, theirs, unit, ratio } of rows)
      print(`${name}: ${ours.toFixed(2)}, ${peer} ${theirs.toFixed(2)} ${unit}, ${ratio.toFixed(2)} x`);
  },
  tune: async () => {
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError();
    const rows = await measureTuning(values.python, rounds, values.quick ? 5 : 20);
    if (values.json) return printRows(rows);
    printMachine();
    for (const { case: name, peer, ours, theirs, unit, ratio, note } of rows)
      print(
        `${name}: ${ours.toFixed(4)}, ${peer} ${theirs.toFixed(4)} ${unit}${ratio === null ? "" : `, ${ratio.toFixed(2)} x`}; ${note}`,
      );
  },
};

const bench = values.help ? undefined : benches[positionals[0] ?? ""];
if (bench === undefined) {
  print(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    await bench();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(usage);
    process.exitCode = 2;
  }
}
