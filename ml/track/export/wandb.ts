/**
 * @file Runs as W&B's offline folders, which `wandb sync` uploads.
 *
 * Messages are those of `wandb_internal.proto` of W&B's Python package (0.31.0), which has the descriptors.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import { ProtobufWriter } from "../../graph/onnx/protobuf-writer.ts";
import { TrackingError } from "../errors.ts";
import { downloadArtifacts } from "../model-registry.ts";
import type { StoreOptions } from "../search.ts";
import { jsonNumber } from "./json.ts";
import { paramValue, recordedRun, texts, type RecordedRun } from "./recorded-run.ts";
import { logChunks } from "./wandb-log.ts";
import { historyRows, type HistoryRow } from "./wandb-rows.ts";
import { statsName } from "./wandb-stats.ts";

/** Where a run is to be in W&B. */
export interface WandbExportOptions extends StoreOptions {
  /** The project; `tenon` where absent. */
  readonly project?: string;
  /** The team or user; W&B's default where absent. */
  readonly entity?: string;
}

/** The oldest release of W&B's software that reads this. */
const minConsumer = "0.70.0";

/**
 * Writes a run as `FOLDER/offline-run-DATE_TIME-RUNID`, which `wandb sync` takes: settings, history, summary, use of the hardware, and
 * artifacts as files. A nested run is of the group of the run around it. Gives the folder's path.
 * @throws as reading the run; the error of the file system
 */
export async function exportRunToWandb(
  runId: string,
  folder: string,
  { project = "tenon", entity, ...store }: WandbExportOptions = {},
): Promise<string> {
  const run = await recordedRun(runId, store);
  const { info } = run;
  const time = new Date(info.startTime).toISOString().replaceAll(/[-:]/g, "").replace("T", "_").slice(0, 15);
  const path = join(folder, `offline-run-${time}-${info.runId}`);
  await mkdir(join(path, "files"), { recursive: true });
  await mkdir(join(path, "logs"), { recursive: true });
  const files = await artifactFiles(info.runId, join(path, "files"), store);
  await writeFileAtomically(
    join(path, `run-${info.runId}.wandb`),
    logChunks(records(run, { project, entity, files })),
  );
  return path;
}

/** Copies the artifacts; gives their paths in the folder. */
async function artifactFiles(runId: string, folder: string, store: StoreOptions): Promise<readonly string[]> {
  try {
    await downloadArtifacts(`runs:/${runId}`, folder, store);
  } catch (error) {
    // A run that is there may have none.
    if (!(error instanceof TrackingError) || error.code !== "RESOURCE_DOES_NOT_EXIST") throw error;
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

interface Placed {
  readonly project: string;
  readonly entity: string | undefined;
  readonly files: readonly string[];
}

function* records(run: RecordedRun, placed: Placed): Generator<Uint8Array> {
  const { info, history } = run;
  let number = 0;
  const record = (field: number, write: (message: ProtobufWriter) => void): Uint8Array => {
    const writer = new ProtobufWriter();
    writer.integer(1, ++number);
    writer.message(field, write);
    return Buffer.concat([...writer.chunks()]);
  };
  yield record(21, (header) =>
    header.message(1, (version) => {
      version.text(1, "tenon");
      version.text(2, minConsumer);
    }),
  );
  yield record(17, (message) => writeRun(message, run, placed));
  yield record(26, (environment) => writeEnvironment(environment, run));
  const isStatistic = (key: string): boolean => key.startsWith("system/");
  const own = historyRows(new Map([...history].filter(([key]) => !isStatistic(key))));
  const statistics = historyRows(new Map([...history].filter(([key]) => isStatistic(key))));
  for (const row of statistics) yield record(7, (stats) => writeStats(stats, row));
  for (const row of own) yield record(2, (message) => writeHistory(message, row, info.startTime));
  yield record(3, (summary) => writeSummary(summary, own, info.startTime));
  if (placed.files.length > 0)
    yield record(6, (message) => {
      for (const path of placed.files)
        message.message(1, (file) => {
          file.text(1, path);
          // Once the run is over.
          file.integer(2, 1);
        });
    });
  yield record(18, (exit) => {
    exit.integer(1, info.status === "FINISHED" ? 0 : 1);
    exit.integer(2, Math.max(0, Math.round(((info.endTime ?? info.startTime) - info.startTime) / 1000)));
  });
}

function writeRun(message: ProtobufWriter, { info, data }: RecordedRun, { project, entity }: Placed): void {
  const { tags } = data;
  message.text(1, info.runId);
  if (entity !== undefined) message.text(2, entity);
  message.text(3, project);
  message.message(4, (config) => {
    const own = texts(tags).filter(([name]) => !/^(?:mlflow|tenon)\./.test(name));
    writeItem(config, 1, ["_wandb"], "{}");
    for (const [name, text] of texts(data.params))
      writeItem(config, 1, [name], JSON.stringify(paramValue(text)));
    if (own.length > 0) writeItem(config, 1, ["mlflow_tags"], JSON.stringify(Object.fromEntries(own)));
  });
  message.textUnlessEmpty(6, tags["mlflow.parentRunId"] ?? "");
  message.textUnlessEmpty(7, tags["tenon.activity"] ?? "");
  message.textUnlessEmpty(8, info.runName);
  message.textUnlessEmpty(9, tags["mlflow.note.content"] ?? "");
  message.message(17, (start) => writeTime(start, info.startTime));
  writeGit(message, 21, tags);
}

function writeEnvironment(message: ProtobufWriter, { info, data: { tags } }: RecordedRun): void {
  message.message(3, (started) => writeTime(started, info.startTime));
  message.textUnlessEmpty(6, tags["mlflow.source.name"] ?? "");
  writeGit(message, 9, tags);
  message.textUnlessEmpty(13, tags["mlflow.user"] ?? info.userId);
  message.text(199, info.runId);
}

function writeGit(message: ProtobufWriter, field: number, tags: RecordedRun["data"]["tags"]): void {
  const [remote = "", commit = ""] = [tags["mlflow.source.git.repoURL"], tags["mlflow.source.git.commit"]];
  if (remote === "" && commit === "") return;
  message.message(field, (git) => {
    git.textUnlessEmpty(1, remote);
    git.textUnlessEmpty(2, commit);
  });
}

/** A `google.protobuf.Timestamp`. */
function writeTime(message: ProtobufWriter, milliseconds: number): void {
  message.integer(1, Math.floor(milliseconds / 1000));
  message.integer(2, (milliseconds % 1000) * 1_000_000);
}

/** A value under the parts of its name. */
function writeItem(message: ProtobufWriter, field: number, name: readonly string[], json: string): void {
  message.message(field, (item) => {
    if (name.length === 1) item.text(1, name[0] ?? "");
    else for (const part of name) item.text(2, part);
    item.text(16, json);
  });
}

function writeHistory(message: ProtobufWriter, row: HistoryRow, started: number): void {
  for (const [key, json] of itemsOf(row, started))
    message.message(1, (item) => (item.text(2, key), item.text(16, json)));
  message.message(2, (step) => {
    if (row.step > 0) step.integer(1, row.step);
  });
}

/** A row's values as JSON, with what W&B adds to each. */
function itemsOf(
  { step, timestamp, values }: HistoryRow,
  started: number,
): readonly (readonly [string, string])[] {
  return [
    ...[...values].map(([key, value]) => [key, jsonNumber(value)] as const),
    ["_step", String(step)],
    ["_timestamp", String(timestamp / 1000)],
    ["_runtime", String(Math.max(0, timestamp - started) / 1000)],
  ];
}

/** The last value of each metric. */
function writeSummary(message: ProtobufWriter, rows: readonly HistoryRow[], started: number): void {
  const latest = new Map<string, string>();
  for (const row of rows) for (const [key, json] of itemsOf(row, started)) latest.set(key, json);
  for (const [key, json] of latest) writeItem(message, 1, [key], json);
}

function writeStats(message: ProtobufWriter, { timestamp, values }: HistoryRow): void {
  message.message(2, (time) => writeTime(time, timestamp));
  for (const [key, value] of values)
    message.message(3, (item) => {
      item.text(1, statsName(key));
      item.text(16, jsonNumber(value));
    });
}
