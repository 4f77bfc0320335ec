/**
 * @file Runs as TensorBoard's event files: metrics as scalars, params for the page of hyperparameters.
 *
 * Messages are those of TensorFlow's `event.proto` and `summary.proto`, and of the hparams plugin's `plugin_data.proto`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import { ProtobufWriter } from "../../graph/onnx/protobuf-writer.ts";
import type { RunStatus } from "../run.ts";
import type { StoreOptions } from "../search.ts";
import { paramValue, recordedRun, texts, type RecordedRun } from "./recorded-run.ts";
import { tfRecord } from "./tf-record.ts";

/**
 * Writes a run for TensorBoard (`tensorboard --logdir FOLDER`): `FOLDER/RUNID/events.out.tfevents.…`. Values are float32 there. Gives
 * the file's path.
 * @throws as reading the run; the error of the file system
 */
export async function exportRunToTensorBoard(
  runId: string,
  folder: string,
  options: StoreOptions = {},
): Promise<string> {
  const run = await recordedRun(runId, options);
  const { info } = run;
  // The same name each time, so that a second export replaces the first.
  const seconds = String(Math.floor(info.startTime / 1000)).padStart(10, "0");
  const path = join(folder, info.runId, `events.out.tfevents.${seconds}.tenon.0.0`);
  await mkdir(join(folder, info.runId), { recursive: true });
  await writeFileAtomically(path, records(run));
  return path;
}

function* records(run: RecordedRun): Generator<Uint8Array> {
  const { info, history } = run;
  const started = info.startTime / 1000;
  yield record((event) => {
    event.double(1, started);
    event.text(3, "brain.Event:2");
  });
  yield hparamsRecord(started, "_hparams_/session_start_info", (content) =>
    content.message(3, (start) => writeSessionStart(start, run)),
  );
  for (const [tag, points] of history)
    for (const { step, timestamp, value } of points)
      yield record((event) => {
        event.double(1, timestamp / 1000);
        event.integer(2, step);
        event.message(5, (summary) =>
          summary.message(1, (entry) => {
            entry.text(1, tag);
            entry.float(2, value);
            entry.message(9, (metadata) => metadata.message(1, (plugin) => plugin.text(1, "scalars")));
          }),
        );
      });
  if (info.endTime === undefined) return;
  const ended = info.endTime / 1000;
  yield hparamsRecord(ended, "_hparams_/session_end_info", (content) =>
    content.message(4, (end) => {
      end.integer(1, statusNumber(info.status));
      end.double(2, ended);
    }),
  );
}

function record(write: (event: ProtobufWriter) => void): Uint8Array {
  return tfRecord(bytesOf(write));
}

function bytesOf(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return Buffer.concat([...writer.chunks()]);
}

/** What the page of hyperparameters reads: its data stands in the metadata of a summary that has a tensor of one zero. */
function hparamsRecord(seconds: number, tag: string, write: (content: ProtobufWriter) => void): Uint8Array {
  const content = bytesOf(write);
  return record((event) => {
    event.double(1, seconds);
    event.message(5, (summary) =>
      summary.message(1, (entry) => {
        entry.text(1, tag);
        entry.message(8, (tensor) => {
          tensor.integer(1, floatType);
          tensor.message(2, (shape) => shape.message(2, (size) => size.integer(1, 1)));
          tensor.float(5, 0);
        });
        entry.message(9, (metadata) =>
          metadata.message(1, (plugin) => {
            plugin.text(1, "hparams");
            plugin.bytes(2, content);
          }),
        );
      }),
    );
  });
}

/** `DT_FLOAT`. */
const floatType = 1;

function writeSessionStart(start: ProtobufWriter, { info, data }: RecordedRun): void {
  for (const [name, text] of texts(data.params))
    start.message(1, (entry) => {
      entry.text(1, name);
      entry.message(2, (value) => writeValue(value, paramValue(text)));
    });
  start.text(4, info.runId);
  start.double(5, info.startTime / 1000);
}

/** A `google.protobuf.Value`. */
function writeValue(writer: ProtobufWriter, value: string | number | boolean): void {
  if (typeof value === "number") writer.double(2, value);
  else if (typeof value === "string") writer.text(3, value);
  else writer.integer(4, Number(value));
}

function statusNumber(status: RunStatus): number {
  switch (status) {
    case "FINISHED":
      return 1;
    case "FAILED":
    case "KILLED":
      return 2;
    case "RUNNING":
    case "SCHEDULED":
      return 3;
  }
}
