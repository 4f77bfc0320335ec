/** @file `tenon serve` as it is built, with two models, and what they must answer: for clients that others wrote. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { readModel, type RowValue, writeModel } from "../../../ml/package/index.ts";
import { statusPipeline, withLoans } from "../../ml/package/loan-models.ts";
import { matrixAnswer, writeMatrixModel } from "../../ml/serve/matrix-model.ts";
import { type PythonEnvironment, pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { runCommand } from "../../support/run-command.ts";
import { parseSuiteResult, type SuiteResult } from "../interop-suite.ts";
import { withScratchFolder } from "../scratch-folder.ts";
import { freePort } from "../served-model.ts";

/** What models are asked and must answer. */
export interface ServingFacts {
  /** The model `matrix`: rows of 32 numbers in `x`, three in `y` for each. */
  readonly matrix: { readonly rows: readonly number[][]; readonly y: readonly number[][] };
  /** The model `status`: columns of numbers and texts without missing values; a label and two probabilities a row. */
  readonly status: {
    readonly columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
    readonly label: readonly unknown[];
    readonly probabilities: readonly unknown[];
  };
}

/** A service for the time of a check. */
export interface OurService {
  readonly url: string;
  readonly port: number;
  readonly facts: ServingFacts;
  /** The facts as a file of JSON. */
  readonly factsFile: string;
  /** The folder of each model. */
  readonly modelFolder: (name: "matrix" | "status") => string;
}

/** Which models are served. */
export type Served = "all" | "matrix" | "status";

/** Serves models until the check is done. */
export async function whileServing<T>(
  check: (service: OurService) => Promise<T>,
  served: Served = "all",
): Promise<T> {
  return await withScratchFolder(async (folder) => {
    const models = join(folder, "models");
    mkdirSync(models);
    const facts = await writeModels(models);
    const factsFile = join(folder, "facts.json");
    writeFileSync(factsFile, JSON.stringify(facts));
    const port = await freePort();
    const program = join(repositoryRoot, "dist/cli/main.js");
    const what = served === "all" ? models : join(models, served);
    const child = spawn(process.execPath, [program, "serve", what, "--port", String(port)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-2000)));
    const closed = once(child, "close");
    try {
      const url = `http://127.0.0.1:${port}`;
      for (let waited = 0; !(await isReady(url)); waited += 50) {
        if (child.exitCode !== null || waited > 60_000)
          throw new Error(`tenon serve gives no answer: ${words}`);
        await setTimeout(50);
      }
      const result = await check({ url, port, facts, factsFile, modelFolder: (name) => join(models, name) });
      if (words !== "") throw new Error(`tenon serve said: ${words}`);
      return result;
    } finally {
      child.kill();
      await closed;
    }
  });
}

const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/v2/health/ready`).catch(() => undefined))?.ok ?? false;

async function writeModels(folder: string): Promise<ServingFacts> {
  await writeMatrixModel(join(folder, "matrix"));
  const status = await withLoans(async (table) => {
    const directory = join(folder, "status");
    await writeModel(directory, await statusPipeline(table), { rows: table });
    await using model = await readModel(directory);
    const rows = (model.recorded?.rows ?? []).filter((row) =>
      Object.values(row).every((value) => value !== null),
    );
    const outputs = await model.outputs(rows);
    const names = Object.keys(rows[0] ?? {});
    return {
      columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => cell(row[name]))])),
      label: outputs.get("label") ?? [],
      probabilities: outputs.get("probabilities") ?? [],
    };
  });
  const rows = [1, 2, 3].map((scale) =>
    Array.from({ length: 32 }, (_, at) => Math.fround(Math.sin(at * scale))),
  );
  return { matrix: { rows, y: rows.map(matrixAnswer) }, status };
}

function cell(value: RowValue | undefined): string | number | boolean | null {
  if (value === undefined || typeof value === "bigint" || (typeof value === "object" && value !== null))
    throw new Error("the facts are of values that JSON has");
  return value;
}

/** Runs a script of a Python environment against the service, with its arguments the port and the file of facts. */
export async function runClient(
  { port, factsFile, modelFolder }: OurService,
  { python, env }: PythonEnvironment,
  script: string,
): Promise<SuiteResult> {
  const path = join(import.meta.dirname, script);
  const { stdout } = await runCommand(python, [path, String(port), factsFile, modelFolder("status")], {
    env,
    timeout: 170_000,
  });
  const result = parseSuiteResult(stdout);
  if (!result) throw new Error(`no counts in ${stdout.slice(-500)}`);
  return result;
}

/** A suite's run: its Python environment, the service, the script. */
export async function runPythonClient(
  name: string,
  script: string,
  served: Served = "all",
): Promise<SuiteResult> {
  const requirements = join(import.meta.dirname, `${name}-requirements.txt`);
  const environment = await pythonEnvironment(name, requirements);
  return await whileServing(async (service) => runClient(service, environment, script), served);
}
