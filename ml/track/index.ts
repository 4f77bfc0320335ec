/** @file `tenon/track`: runs logged to an embedded store or to any MLflow server. */
export { activeRun, onRunStart } from "./active-run.ts";
export { autolog, type AutologOptions } from "./autolog/autolog.ts";
export { replayJournals } from "./connection.ts";
export { NoActiveRunError, TrackingError, TrackingUnavailableError } from "./errors.ts";
export { exportRunToJson } from "./export/json.ts";
export { exportRunToTensorBoard } from "./export/tensorboard.ts";
export { exportRunToWandb, type WandbExportOptions } from "./export/wandb.ts";
export { type Experiment, setExperiment } from "./experiments.ts";
export { sampleHardware, type SamplingOptions } from "./hardware/sampler.ts";
export type { Replayed } from "./journal/replay.ts";
export {
  endRun,
  logArtifact,
  logArtifacts,
  logDict,
  logFigure,
  logInput,
  logMetric,
  logMetrics,
  logModel,
  logParam,
  logParams,
  logTable,
  logText,
  setTag,
  setTags,
} from "./log.ts";
export {
  downloadArtifacts,
  type DownloadOptions,
  getModelVersion,
  getModelVersionByAlias,
  type ModelVersion,
  registerModel,
  searchModelVersions,
  setRegisteredModelAlias,
} from "./model-registry.ts";
export type {
  Acknowledged,
  DatasetInput,
  EndStatus,
  LoggedModel,
  LogModelOptions,
  MetricOptions,
  ParamValue,
  PlotlyFigure,
  Run,
  RunIdentity,
  RunOptions,
  RunStatus,
  TableData,
} from "./run.ts";
export type { MetricPoint, RecordedDataset, RunData, RunInfo, RunRecord } from "./run-records.ts";
export { getMetricHistory, getRun, searchRuns, type SearchRunsOptions, type StoreOptions } from "./search.ts";
export { run, startRun } from "./start-run.ts";
export { getTrackingUri, setTrackingUri } from "./tracking-uri.ts";
