/** @file The environment variables that are kept with a run: those on a list, and no others. */
import { redactSecrets } from "./redact.ts";

/** Variables that change what a program computes, or say which job it is of; none of them holds secrets. */
export const keptVariables: readonly string[] = [
  "NODE_ENV",
  "NODE_OPTIONS",
  "UV_THREADPOOL_SIZE",
  "TENON_PROVIDER",
  "OMP_NUM_THREADS",
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "NVIDIA_VISIBLE_DEVICES",
  "NVIDIA_TF32_OVERRIDE",
  "VK_DRIVER_FILES",
  "RANK",
  "LOCAL_RANK",
  "WORLD_SIZE",
  "SLURM_JOB_ID",
  "SLURM_JOB_NAME",
  "SLURM_ARRAY_TASK_ID",
  "SLURM_PROCID",
  "SLURM_NTASKS",
  "KUBERNETES_SERVICE_HOST",
  "CI",
  "GITHUB_REPOSITORY",
  "GITHUB_SHA",
  "GITHUB_REF",
  "GITHUB_RUN_ID",
  "GITHUB_WORKFLOW",
  "CI_PROJECT_PATH",
  "CI_COMMIT_SHA",
  "CI_PIPELINE_ID",
  "CI_JOB_ID",
  "BUILD_NUMBER",
  "TZ",
  "LANG",
  "LC_ALL",
];

/** The longest value that is kept whole. */
const longestValue = 1_000;

/** The variables of a list that are set, cut and without what looks like a secret all the same. */
export function allowedVariables(names: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) found[name] = valueOf(name, value);
  }
  return found;
}

function valueOf(name: string, value: string): string {
  // With its name before it, by which a secret may be told.
  const { text } = redactSecrets(`${name}=${value}`);
  return text.slice(name.length + 1, name.length + 1 + longestValue);
}
