/** @file A run of this process: what {@link Run} promises. */
import type { OnnxModelBytes } from "../package/index.ts";
import type { FittedPipeline } from "../pipeline/index.ts";
import { isThere, readText, uploadFile, uploadFolder, uploadLocalFile } from "./artifacts.ts";
import type { Connection } from "./connection.ts";
import { InvalidInputError } from "../errors.ts";
import { figureContent } from "./figures.ts";
import { logModelTo } from "./log-model.ts";
import { unwatchRun, watchRun } from "./process-end.ts";
import { RunLog } from "./run-log.ts";
import type {
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
  TableData,
} from "./run.ts";
import { tableJson } from "./tables.ts";

/** What a run has already when it is started. */
export interface RunState {
  readonly info: RunIdentity;
  readonly parentRunId: string | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** The tag that MLflow's pages find tables by. */
const artifactsTag = "mlflow.loggedArtifacts";

export class TrackedRun implements Run {
  readonly info: RunIdentity;
  readonly parentRunId: string | undefined;
  readonly #connection: Connection;
  readonly #log: RunLog;
  readonly #tables: { readonly path: string; readonly type: "table" }[];
  #tableWrites: Promise<void> = Promise.resolve();
  #ending: Promise<Acknowledged> | undefined;

  constructor(connection: Connection, { info, parentRunId, params }: RunState, tables: TrackedRun["tables"]) {
    this.info = info;
    this.parentRunId = parentRunId;
    this.#connection = connection;
    this.#log = new RunLog(connection, info.runId, params);
    this.#tables = [...tables];
    watchRun(this.#log);
  }

  /** Makes what the run needs on the disk; see {@link RunLog.open}. */
  async open(): Promise<void> {
    await this.#log.open();
  }

  get trackingUri(): string {
    return this.#connection.api.location.name;
  }

  get ended(): boolean {
    return this.#log.ended;
  }

  /** The tables that were logged. */
  get tables(): readonly { readonly path: string; readonly type: "table" }[] {
    return this.#tables;
  }

  logMetric(key: string, value: number, options?: MetricOptions): void {
    this.#log.point(key, value, options);
  }

  logMetrics(metrics: Readonly<Record<string, number>>, options?: MetricOptions): void {
    for (const [key, value] of Object.entries(metrics)) this.#log.point(key, value, options);
  }

  logParam(key: string, value: ParamValue): void {
    this.#log.param(key, value);
  }

  logParams(params: Readonly<Record<string, ParamValue>>): void {
    for (const [key, value] of Object.entries(params)) if (value !== undefined) this.#log.param(key, value);
  }

  setTag(key: string, value: string | number | boolean): void {
    this.#log.tag(key, value);
  }

  setTags(tags: Readonly<Record<string, string | number | boolean>>): void {
    for (const [key, value] of Object.entries(tags)) this.#log.tag(key, value);
  }

  logInput({ sourceType, ...dataset }: DatasetInput, context?: string): void {
    this.#log.call("runs/log-inputs", {
      run_id: this.info.runId,
      datasets: [
        {
          tags: context === undefined ? [] : [{ key: "mlflow.data.context", value: context }],
          dataset: { ...dataset, source_type: sourceType },
        },
      ],
    });
  }

  async logArtifact(localPath: string, artifactPath = ""): Promise<void> {
    await uploadLocalFile(this.#connection.api, this.info.artifactUri, localPath, artifactPath);
  }

  async logArtifacts(localDir: string, artifactPath = ""): Promise<void> {
    await uploadFolder(this.#connection.api, this.info.artifactUri, localDir, artifactPath);
  }

  async logText(text: string, artifactFile: string): Promise<void> {
    await this.#upload(artifactFile, Buffer.from(text));
  }

  async logDict(dictionary: unknown, artifactFile: string): Promise<void> {
    const json = JSON.stringify(dictionary, undefined, 2);
    if (json === undefined) throw new InvalidInputError(`what is logged as "${artifactFile}" has no JSON`);
    await this.#upload(artifactFile, Buffer.from(`${json}\n`));
  }

  async logTable(data: TableData, artifactFile: string): Promise<void> {
    if (!artifactFile.endsWith(".json"))
      throw new InvalidInputError(
        `a table is logged as JSON: give "${artifactFile}" a name that ends in .json`,
      );
    // One after another: each reads what the one before it has written.
    const written = this.#tableWrites.then(() => this.#writeTable(data, artifactFile));
    this.#tableWrites = written.catch(() => {});
    await written;
  }

  async logFigure(figure: PlotlyFigure | string | Uint8Array, artifactFile: string): Promise<void> {
    await this.#upload(artifactFile, await figureContent(figure, artifactFile));
  }

  async logModel(
    model: FittedPipeline | OnnxModelBytes | string,
    options: LogModelOptions = {},
  ): Promise<LoggedModel> {
    const logged = await logModelTo(this.#connection.api, this.info, model, options);
    this.#log.call("runs/outputs", {
      run_id: this.info.runId,
      models: [{ model_id: logged.modelId, step: options.step ?? 0 }],
    });
    return logged;
  }

  async flush(): Promise<Acknowledged> {
    return { waiting: await this.#log.settle() };
  }

  async end(status: EndStatus = "FINISHED"): Promise<Acknowledged> {
    this.#ending ??= this.#end(status);
    return this.#ending;
  }

  async #end(status: EndStatus): Promise<Acknowledged> {
    try {
      const waiting = await this.#log.end(status);
      // What waits is on the disk: the process may end.
      unwatchRun(this.#log);
      return { waiting };
    } catch (error) {
      this.#ending = undefined;
      throw error;
    }
  }

  async #writeTable(data: TableData, artifactFile: string): Promise<void> {
    const { api } = this.#connection;
    const { artifactUri } = this.info;
    const before = (await isThere(api, artifactUri, artifactFile))
      ? await readText(api, artifactUri, artifactFile)
      : undefined;
    await this.#upload(artifactFile, Buffer.from(await tableJson(data, before)));
    if (this.#tables.some(({ path }) => path === artifactFile)) return;
    this.#tables.push({ path: artifactFile, type: "table" });
    this.setTag(artifactsTag, JSON.stringify(this.#tables));
  }

  async #upload(artifactFile: string, content: Uint8Array): Promise<void> {
    await uploadFile(this.#connection.api, this.info.artifactUri, artifactFile, content);
  }
}
