/**
 * @file What a run is to those who log to it: types only.
 *
 * Others find the run that is active where they are called by `activeRun()` of `active-run.ts`: inside `run(options, work)`
 * it is that run, in whatever `work` awaits or starts (AsyncLocalStorage); after `startRun()` in a notebook it is the one
 * that was started last and hasn't ended. `onRunStart(listener)` of the same file is told of each run once it is made,
 * before anything else logs to it.
 *
 * What is logged by a method that returns nothing is put into memory only: such a method never waits, and never throws for
 * what the store might refuse. A background task writes it to a journal on disk and sends it to the store in order.
 */
import type { TableSource } from "../data/table-source.ts";
import type { OnnxModelBytes, WriteModelOptions } from "../package/index.ts";
import type { FittedPipeline } from "../pipeline/index.ts";

/** How a run ended. */
export type EndStatus = "FINISHED" | "FAILED" | "KILLED";

/** How a run is, as MLflow has it. */
export type RunStatus = EndStatus | "RUNNING" | "SCHEDULED";

/** What is known of a run from its start. */
export interface RunIdentity {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  /** Where its artifacts are. */
  readonly artifactUri: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
}

/** A point of a metric beside its key and value. */
export interface MetricOptions {
  /** A whole number; 0 where not given, as in MLflow. */
  readonly step?: number;
  /** Milliseconds since 1970; now where not given. */
  readonly timestamp?: number;
  /** The logged model that it measures. */
  readonly modelId?: string;
}

/** What a param may be: what isn't a text is kept as its text, objects and lists as JSON. */
export type ParamValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly unknown[]
  | { readonly [key: string]: unknown };

/** Data that a run read, as MLflow's `log_input` has it. */
export interface DatasetInput {
  readonly name: string;
  /** A hash of its content, at most 36 characters. */
  readonly digest: string;
  /** What kind of place it comes from, such as `local`, `http` or `code`. */
  readonly sourceType: string;
  /** The place, as JSON. */
  readonly source: string;
  /** Its columns, as JSON. */
  readonly schema?: string;
  /** What is known of its content, as JSON. */
  readonly profile?: string;
}

/** A table to log: rows, columns by name, or a table of `tenon/data`. */
export type TableData =
  readonly Readonly<Record<string, unknown>>[] | Readonly<Record<string, readonly unknown[]>> | TableSource;

/** A figure of Plotly. */
export interface PlotlyFigure {
  readonly data: readonly object[];
  readonly layout?: object;
}

/** Where a model comes to be, and what is recorded of it. */
export interface LogModelOptions extends WriteModelOptions {
  /** What it is called in its experiment; `model` where not given. */
  readonly name?: string;
  /** Registers it as the next version of this registered model, which is made where it is not there. */
  readonly registeredModelName?: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** What kind of model it is, in MLflow's list of logged models. */
  readonly modelType?: string;
  /** The step of the training that it is of; 0 where not given. */
  readonly step?: number;
}

/** A model that was logged. */
export interface LoggedModel {
  readonly modelId: string;
  readonly name: string;
  /** `models:/ID`, under which MLflow loads it. */
  readonly modelUri: string;
  /** Where its files are. */
  readonly artifactUri: string;
  /** Its version, where it was registered. */
  readonly registeredModelVersion?: string;
}

/** Where what was logged has come. */
export interface Acknowledged {
  /**
   * How many calls to the store are still to be made: 0 where the store has everything, more where it doesn't answer now and
   * the rest is on this machine's disk, in the journal, from where it is sent later.
   */
  readonly waiting: number;
}

/** A run that is logged to. Names and parameters are MLflow's. */
export interface Run {
  readonly info: RunIdentity;
  /** The store that it is in: a folder, or the URL of a server. */
  readonly trackingUri: string;
  /** The run that it is nested in. */
  readonly parentRunId: string | undefined;
  /** Whether {@link end} was called. Nothing can be logged any more. */
  readonly ended: boolean;

  /** Logs a point of a metric; any float64. */
  logMetric(key: string, value: number, options?: MetricOptions): void;
  /** Logs a point of each metric, all with one step and time. */
  logMetrics(metrics: Readonly<Record<string, number>>, options?: MetricOptions): void;
  /** Logs a param. A second value for the same key is refused with a warning. */
  logParam(key: string, value: ParamValue): void;
  /** Logs params; those that are undefined are left out. */
  logParams(params: Readonly<Record<string, ParamValue>>): void;
  /** Sets a tag, over one of the same key. */
  setTag(key: string, value: string | number | boolean): void;
  /** Sets tags. */
  setTags(tags: Readonly<Record<string, string | number | boolean>>): void;
  /** Notes data that the run read; `context` says what for, such as `training`. */
  logInput(dataset: DatasetInput, context?: string): void;

  /** Uploads a file into the folder `artifactPath` of the run's artifacts. */
  logArtifact(localPath: string, artifactPath?: string): Promise<void>;
  /** Uploads all files of a folder, with their paths in it. */
  logArtifacts(localDir: string, artifactPath?: string): Promise<void>;
  /** Writes a text as an artifact. */
  logText(text: string, artifactFile: string): Promise<void>;
  /** Writes a value as an artifact of JSON. */
  logDict(dictionary: unknown, artifactFile: string): Promise<void>;
  /** Writes a table as an artifact, JSON as pandas splits it; rows are added to those of a table that is there. */
  logTable(data: TableData, artifactFile: string): Promise<void>;
  /**
   * Writes a figure as an artifact: Plotly's as `.json` or as a page `.html`; a text of HTML or SVG as `.html` or `.svg`; the bytes of
   * an image as `.png`, `.jpg` or `.webp`.
   */
  logFigure(figure: PlotlyFigure | string | Uint8Array, artifactFile: string): Promise<void>;
  /**
   * Writes a model as a package (`tenon/package`), uploads it and records it as a logged model of the run. A text is the path
   * of a package that is there already.
   */
  logModel(model: FittedPipeline | OnnxModelBytes | string, options?: LogModelOptions): Promise<LoggedModel>;

  /**
   * Resolves when all that was logged before is acknowledged: the store has it or, where the store doesn't answer now, it is in the
   * journal, flushed to this machine's disk.
   * @throws {@link TrackingError} where neither takes it; it stays in memory and is tried again
   */
  flush(): Promise<Acknowledged>;
  /** Ends the run and acknowledges all of it: see {@link flush}. A second call does nothing more. */
  end(status?: EndStatus): Promise<Acknowledged>;
}

/** Which run is started, and in which store. */
export interface RunOptions {
  /** Goes on with a run that is there. */
  readonly runId?: string;
  readonly runName?: string;
  /** Where neither this nor the name is given: `setExperiment`, MLFLOW_EXPERIMENT_NAME or _ID, else experiment 0. */
  readonly experimentId?: string;
  /** An experiment by name; it is made where it is not there. */
  readonly experimentName?: string;
  /** Whether it may be started inside an active run, whose child it becomes. */
  readonly nested?: boolean;
  /** The run whose child it becomes; the active one where it is nested. */
  readonly parentRunId?: string;
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
  /** What `mlflow.note.content` says of it. */
  readonly description?: string;
  /** A folder, or the URL of an MLflow server; where not given `setTrackingUri`, MLFLOW_TRACKING_URI, else `mlruns.tenon`. */
  readonly trackingUri?: string;
}
