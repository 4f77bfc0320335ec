/**
 * @file Where and of what a run was made, as MLflow's tags and a few artifacts.
 *
 * Nothing here throws: what can't be found out is left out.
 */
import { gitState, type GitState } from "./git.ts";
import { thisMachine, userName, type Machine } from "./machine.ts";
import { projectPackages, type ProjectPackages } from "./packages.ts";
import { runningCell, runSource, type RunSource } from "./source.ts";
import { allowedVariables, keptVariables } from "./variables.ts";

/** What is known of the place where a run was made. */
export interface Environment {
  readonly source?: RunSource;
  readonly git?: GitState;
  readonly packages?: ProjectPackages;
  readonly machine: Machine;
  readonly variables: Readonly<Record<string, string>>;
}

/** What is recorded beside the usual. */
export interface EnvironmentOptions {
  /** Names of more environment variables that are kept; the others are never looked at. */
  readonly environmentVariables?: readonly string[];
}

/** An artifact of a few lines. */
export interface TextArtifact {
  readonly file: string;
  readonly text: string;
}

/** What is logged of an environment. */
export interface EnvironmentRecord {
  readonly tags: Readonly<Record<string, string>>;
  readonly artifacts: readonly TextArtifact[];
}

/** What doesn't change from one run to the next within moments; asked once for many runs. */
let latest:
  | {
      readonly folder: string;
      readonly at: number;
      readonly known: Promise<Omit<Environment, "source" | "variables">>;
    }
  | undefined;
const freshMilliseconds = 5_000;

/** The environment of what runs now. The cell that runs is the one at the time of the call. Never throws. */
export async function captureEnvironment({
  environmentVariables = [],
}: EnvironmentOptions = {}): Promise<Environment> {
  const cellId = runningCell();
  const variables = allowedVariables([...keptVariables, ...environmentVariables]);
  const folder = process.cwd();
  const now = performance.now();
  if (latest?.folder !== folder || now - latest.at > freshMilliseconds)
    latest = { folder, at: now, known: surroundings(folder) };
  const [source, known] = await Promise.all([runSource(cellId), latest.known]);
  return { ...(source && { source }), ...known, variables };
}

async function surroundings(folder: string): Promise<Omit<Environment, "source" | "variables">> {
  const [git, packages, machine] = await Promise.all([
    gitState(folder),
    projectPackages(folder),
    thisMachine(),
  ]);
  return { ...(git && { git }), ...(packages && { packages }), machine };
}

/** The tags (`mlflow.source.name`, `mlflow.source.git.commit`, …) and artifacts (in the folder `environment`) of an environment. */
export function environmentRecord({
  source,
  git,
  packages,
  machine,
  variables,
}: Environment): EnvironmentRecord {
  const user = userName();
  const tags = {
    "mlflow.user": user,
    "mlflow.source.name": source?.name,
    "mlflow.source.type": source?.type,
    "mlflow.source.git.commit": git?.commit,
    "mlflow.source.git.branch": git?.branch,
    "mlflow.source.git.repoURL": git?.remote,
    "mlflow.source.git.dirty": git?.isDirty?.toString(),
    "tenon.version": machine.tenon,
    "tenon.cell.id": source?.cellId,
    "tenon.packages.lock": packages?.lock && `sha256:${packages.lock.sha256}`,
  };
  const { diff, ...state } = git ?? {};
  const { cellText, ...place } = source ?? {};
  const whole = {
    ...(source && { source: place }),
    ...(git && { git: state }),
    ...(packages && { packages }),
    machine,
    variables,
  };
  return {
    tags: Object.fromEntries(
      Object.entries(tags).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    artifacts: [
      { file: "environment/environment.json", text: `${JSON.stringify(whole, undefined, 2)}\n` },
      ...(diff === undefined ? [] : [{ file: "environment/changes.diff", text: diff }]),
      ...(cellText === undefined ? [] : [{ file: "environment/cell.ts", text: cellText }]),
    ],
  };
}
