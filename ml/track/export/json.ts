/** @file Runs as JSON: everything that the store knows of one, in one file. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../atomic-file.ts";
import type { StoreOptions } from "../search.ts";
import { recordedRun, texts, type RecordedRun } from "./recorded-run.ts";

/**
 * Writes a run into a folder as `RUNID.json`: `{ version: 1, info, params, tags, metrics, inputs, outputs }`, where `metrics` has for
 * each name its points `[step, timestamp, value]`. Numbers that JSON lacks are texts: "NaN", "Infinity", "-Infinity". Gives the
 * file's path.
 * @throws as reading the run; the error of the file system
 */
export async function exportRunToJson(
  runId: string,
  folder: string,
  options: StoreOptions = {},
): Promise<string> {
  const run = await recordedRun(runId, options);
  const path = join(folder, `${run.info.runId}.json`);
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(path, chunks(run));
  return path;
}

/** Line by line, as a long history may be more than one text can hold. */
function* chunks({ info, data, inputs, outputs, history }: RecordedRun): Generator<Uint8Array> {
  const head = {
    version: 1,
    info,
    params: Object.fromEntries(texts(data.params)),
    tags: Object.fromEntries(texts(data.tags)),
    inputs,
    outputs,
  };
  yield Buffer.from(`${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "metrics": {`);
  let separator = "\n";
  for (const [key, points] of history) {
    yield Buffer.from(`${separator}    ${JSON.stringify(key)}: [`);
    for (const [at, { step, timestamp, value }] of points.entries())
      yield Buffer.from(`${at === 0 ? "" : ", "}[${step}, ${timestamp}, ${jsonNumber(value)}]`);
    yield Buffer.from("]");
    separator = ",\n";
  }
  yield Buffer.from("\n  }\n}\n");
}

/** A number as JSON; where that has none, its text. */
export function jsonNumber(value: number): string {
  return Number.isFinite(value) ? (Object.is(value, -0) ? "-0.0" : String(value)) : `"${value}"`;
}
