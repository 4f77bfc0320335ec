/** @file `tenon/track`: runs logged to an embedded store or to any MLflow server. */
export { activeRun, onRunStart } from "./active-run.ts";
export { NoActiveRunError, TrackingError, TrackingUnavailableError } from "./errors.ts";
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
