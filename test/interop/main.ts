/** @file `npm run interop -- NAME…|core|all|--list [--write]`: programs of others with our kernel and files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { repositoryRoot } from "../support/repository.ts";
import type { InteropSuite, SuiteResult } from "./interop-suite.ts";
import { autologRuns } from "./autolog.ts";
import { databases } from "./databases.ts";
import { dvc } from "./dvc.ts";
import { grpcTools } from "./grpc-tools.ts";
import { images } from "./images.ts";
import { interopReport } from "./interop-report.ts";
import { jupyterConsole } from "./jupyter-console.ts";
import { jupyterKernelTest, jupyterKernelTestDebian } from "./jupyter-kernel-test.ts";
import { jupyterlab } from "./jupyterlab.ts";
import { jupyterlabServices } from "./jupyterlab-services.ts";
import { kserveClient } from "./kserve-client.ts";
import { mlflowModels } from "./mlflow-models.ts";
import { mlflowTrack } from "./mlflow-track.ts";
import { mlflowScoring } from "./mlflow-scoring.ts";
import { mlflow } from "./mlflow.ts";
import { mlflowTeam } from "./mlflow-team.ts";
import { nbconvert } from "./nbconvert.ts";
import { oipSpecification } from "./oip-specification.ts";
import { openInference } from "./open-inference.ts";
import { optuna } from "./optuna.ts";
import { packedPackage } from "./packed-package.ts";
import { papermill } from "./papermill.ts";
import { polars } from "./polars.ts";
import { runExports } from "./run-exports.ts";
import { serviceOperations } from "./service-operations.ts";
import { transformersJs } from "./transformers-js.ts";
import { tritonClient } from "./triton-client.ts";
import { xgboost } from "./xgboost.ts";

const suites: readonly InteropSuite[] = [
  jupyterKernelTest,
  jupyterKernelTestDebian,
  jupyterlabServices,
  jupyterlab,
  nbconvert,
  jupyterConsole,
  papermill,
  packedPackage,
  databases,
  optuna,
  polars,
  mlflowModels,
  openInference,
  images,
  dvc,
  xgboost,
  mlflow,
  mlflowTrack,
  runExports,
  autologRuns,
  mlflowTeam,
  tritonClient,
  kserveClient,
  grpcTools,
  mlflowScoring,
  oipSpecification,
  serviceOperations,
  transformersJs,
];

/** Those that every change must pass: one of each joint. The others take longer and change less. */
const core: readonly InteropSuite[] = [
  jupyterKernelTest,
  jupyterlabServices,
  nbconvert,
  packedPackage,
  mlflow,
  mlflowModels,
  mlflowTrack,
  images,
  tritonClient,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean", default: false }, write: { type: "boolean", default: false } },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const counts = ({ passed, failed, skipped }: SuiteResult): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

async function runSuite(suite: InteropSuite): Promise<SuiteResult> {
  try {
    return await suite.run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { passed: 0, failed: 1, skipped: 0, failures: [reason] };
  }
}

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, peer, about } of suites) print(`${name.padEnd(28)}${peer}: ${about}`);
    return 0;
  }
  const groups = { all: suites, core };
  const named = new Set(
    positionals.flatMap((name) =>
      name === "all" || name === "core" ? groups[name] : suites.filter((suite) => suite.name === name),
    ),
  );
  const chosen = suites.filter((suite) => named.has(suite));
  const unknown = positionals.filter(
    (name) => !Object.hasOwn(groups, name) && !suites.some((suite) => suite.name === name),
  );
  if (chosen.length === 0 || unknown.length > 0) {
    for (const name of unknown) print(`There is no suite "${name}": --list names them.`);
    print(
      "Usage: npm run interop -- NAME…|core|all|--list [--write]   (--write keeps results in docs/interop.md)",
    );
    return 2;
  }
  const results: { suite: InteropSuite; result: SuiteResult; seconds: number }[] = [];
  for (const suite of chosen) {
    const start = performance.now();
    const result = await runSuite(suite);
    const seconds = (performance.now() - start) / 1000;
    results.push({ suite, result, seconds });
    print(`${suite.name} (${suite.peer}, ${seconds.toFixed(0)} s): ${counts(result)}`);
    for (const failure of result.failures) print(`  ✗ ${failure.replaceAll("\n", "\n    ")}`);
  }
  if (values.write) {
    const path = join(repositoryRoot, "docs/interop.md");
    const options = { ...(await resolveConfig(path)), parser: "markdown" };
    writeFileSync(path, await format(interopReport(suites, results, readFileSync(path, "utf8")), options));
  }
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const { result } of results) {
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
  }
  print(counts(total));
  return total.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
