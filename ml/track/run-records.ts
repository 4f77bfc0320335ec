/** @file Runs as they are read back: MLflow's JSON, with metrics, params and tags by name. */
import * as v from "valibot";
import type { RunStatus } from "./run.ts";

/** A run as it stands in the store. */
export interface RunRecord {
  readonly info: RunInfo;
  readonly data: RunData;
  readonly inputs: { readonly datasetInputs: readonly RecordedDataset[] };
  readonly outputs: { readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[] };
}

export interface RunInfo {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly userId: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number | undefined;
  readonly artifactUri: string;
  readonly lifecycleStage: string;
}

export interface RunData {
  /** The latest value of each metric. */
  readonly metrics: Readonly<Record<string, number | undefined>>;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly tags: Readonly<Record<string, string | undefined>>;
}

export interface RecordedDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | undefined;
  readonly profile: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A point of a metric. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

/** 64-bit whole numbers are texts in protobuf's JSON. */
export const int64 = v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d+$/), v.transform(Number))]);
/** Floats that JSON lacks are texts. */
const float64 = v.union([
  v.number(),
  v.pipe(v.picklist(["NaN", "Infinity", "-Infinity"]), v.transform(Number)),
]);
export const keyValues = v.pipe(
  v.optional(v.array(v.object({ key: v.string(), value: v.optional(v.string(), "") })), []),
  v.transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))),
);
export const metricSchema = v.object({
  key: v.string(),
  value: v.optional(float64, 0),
  timestamp: v.optional(int64, 0),
  step: v.optional(int64, 0),
});

export const runInfoSchema = v.pipe(
  v.object({
    run_id: v.string(),
    run_name: v.optional(v.string(), ""),
    experiment_id: v.string(),
    user_id: v.optional(v.string(), ""),
    status: v.picklist(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]),
    start_time: v.optional(int64, 0),
    end_time: v.optional(int64),
    artifact_uri: v.optional(v.string(), ""),
    lifecycle_stage: v.optional(v.string(), "active"),
  }),
  v.transform((info): RunInfo => ({
    runId: info.run_id,
    runName: info.run_name,
    experimentId: info.experiment_id,
    userId: info.user_id,
    status: info.status,
    startTime: info.start_time,
    endTime: info.end_time,
    artifactUri: info.artifact_uri,
    lifecycleStage: info.lifecycle_stage,
  })),
);

const datasetSchema = v.pipe(
  v.object({
    tags: keyValues,
    dataset: v.object({
      name: v.string(),
      digest: v.string(),
      source_type: v.optional(v.string(), ""),
      source: v.optional(v.string(), ""),
      schema: v.optional(v.string()),
      profile: v.optional(v.string()),
    }),
  }),
  v.transform(
    ({ tags, dataset: { source_type: sourceType, schema, profile, ...rest } }): RecordedDataset => ({
      ...rest,
      sourceType,
      schema,
      profile,
      tags,
    }),
  ),
);

export const runSchema = v.pipe(
  v.object({
    info: runInfoSchema,
    data: v.optional(
      v.object({
        metrics: v.pipe(
          v.optional(v.array(metricSchema), []),
          v.transform((points) => Object.fromEntries(points.map(({ key, value }) => [key, value]))),
        ),
        params: keyValues,
        tags: keyValues,
      }),
      {},
    ),
    inputs: v.optional(v.object({ dataset_inputs: v.optional(v.array(datasetSchema), []) }), {}),
    outputs: v.optional(
      v.object({
        model_outputs: v.optional(
          v.array(
            v.pipe(
              v.object({ model_id: v.string(), step: v.optional(int64, 0) }),
              v.transform(({ model_id: modelId, step }) => ({ modelId, step })),
            ),
          ),
          [],
        ),
      }),
      {},
    ),
  }),
  v.transform(({ info, data, inputs, outputs }): RunRecord => ({
    info,
    data,
    inputs: { datasetInputs: inputs.dataset_inputs },
    outputs: { modelOutputs: outputs.model_outputs },
  })),
);
