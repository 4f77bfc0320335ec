/**
 * @file How far a training has come, as one safetensors file: written whole or not at all after each epoch, so that a
 * training that ends at any moment, killed or not, goes on from there to the same result, bit for bit.
 */
import { InvalidInputError } from "../../errors.ts";
import { readSafetensors } from "../../graph/safetensors/read.ts";
import { writeSafetensors } from "../../graph/safetensors/write.ts";
import type { SafetensorsTensor } from "../../graph/safetensors/format.ts";
import type { Snapshot } from "../../graph/runtime/training-protocol.ts";
import { existsSync } from "node:fs";
import type { Epoch, Measures } from "./epoch.ts";

/** A snapshot that was the best so far. */
export interface Best {
  readonly loss: number;
  readonly epoch: number;
  readonly snapshot: Snapshot;
}

/** How far a training has come. */
export interface Progress {
  /** Steps taken. */
  readonly steps: number;
  readonly history: readonly Epoch[];
  readonly snapshot: Snapshot;
  readonly best: Best | undefined;
}

const version = "1";

/**
 * Writes how far a training has come.
 * @param fingerprint of all that must be the same when it goes on
 */
export async function writeCheckpoint(path: string, progress: Progress, fingerprint: string): Promise<void> {
  const { steps, history, snapshot, best } = progress;
  const tensors = { ...named("last", snapshot), ...(best && named("best", best.snapshot)) };
  await writeSafetensors(path, tensors, {
    "tenon.checkpoint": version,
    fingerprint,
    steps: String(steps),
    history: JSON.stringify(history),
    optimizerSteps: String(snapshot.optimizer.step),
    ...(best && {
      best: JSON.stringify({ loss: best.loss, epoch: best.epoch, step: best.snapshot.optimizer.step }),
    }),
  });
}

/**
 * Reads how far a training has come; undefined where there is no file.
 * @throws {@link InvalidInputError} where the file is no checkpoint, or one of another training
 */
export async function readCheckpoint(path: string, fingerprint: string): Promise<Progress | undefined> {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = await readSafetensors(path);
  const wrong = (what: string): InvalidInputError =>
    new InvalidInputError(`${path} ${what}: give another path, or remove the file to begin anew`);
  if (metadata["tenon.checkpoint"] !== version) throw wrong("is no checkpoint of this release");
  if (metadata["fingerprint"] !== fingerprint)
    throw wrong("is the checkpoint of another training (its model, data size, optimizer or settings differ)");
  try {
    const history = parseHistory(metadata["history"]);
    const best = metadata["best"] === undefined ? undefined : parseBest(metadata["best"]);
    return {
      steps: wholeNumber(metadata["steps"]),
      history,
      snapshot: snapshotOf("last", tensors, wholeNumber(metadata["optimizerSteps"])),
      best: best && { loss: best.loss, epoch: best.epoch, snapshot: snapshotOf("best", tensors, best.step) },
    };
  } catch (cause) {
    throw new InvalidInputError(`${path} is damaged: remove the file to begin anew`, { cause });
  }
}

function named(which: string, { optimizer, states }: Snapshot): Record<string, SafetensorsTensor> {
  const entries = [
    ...Object.entries(optimizer.tensors).map(([name, data]) => [`${which}/optimizer/${name}`, data] as const),
    ...Object.entries(states).map(([name, data]) => [`${which}/state/${name}`, data] as const),
  ];
  return Object.fromEntries(
    entries.map(([name, data]) => [name, { dtype: "float32", data, shape: [data.length] } as const]),
  );
}

function snapshotOf(which: string, tensors: ReadonlyMap<string, SafetensorsTensor>, step: number): Snapshot {
  const under = (prefix: string): Record<string, Float32Array> =>
    Object.fromEntries(
      [...tensors].flatMap(([name, tensor]) =>
        name.startsWith(prefix) && tensor.dtype === "float32"
          ? [[name.slice(prefix.length), tensor.data]]
          : [],
      ),
    );
  return {
    optimizer: { step, tensors: under(`${which}/optimizer/`) },
    states: under(`${which}/state/`),
  };
}

function parseHistory(text: string | undefined): Epoch[] {
  const parsed: unknown = JSON.parse(text ?? "");
  if (!Array.isArray(parsed)) throw new TypeError("the history is no list");
  return parsed.map((entry: unknown) => {
    const epoch = record(entry);
    const validation = epoch["validation"];
    const { loss, metrics } = measures(epoch);
    return {
      loss,
      metrics,
      epoch: numberIn(epoch, "epoch"),
      validation: validation === undefined || validation === null ? undefined : measures(record(validation)),
      learningRate: numberIn(epoch, "learningRate"),
      seconds: numberIn(epoch, "seconds"),
    };
  });
}

function measures(from: Readonly<Record<string, unknown>>): Measures {
  const metrics = record(from["metrics"]);
  return {
    loss: numberIn(from, "loss"),
    metrics: Object.fromEntries(Object.keys(metrics).map((name) => [name, numberIn(metrics, name)])),
  };
}

function parseBest(text: string): { readonly loss: number; readonly epoch: number; readonly step: number } {
  const parsed = record(JSON.parse(text));
  return {
    loss: numberIn(parsed, "loss"),
    epoch: numberIn(parsed, "epoch"),
    step: numberIn(parsed, "step"),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new TypeError("a record was expected");
  return Object.fromEntries(Object.entries(value));
}

/** JSON writes numbers that are not finite as null. */
function numberIn(from: Readonly<Record<string, unknown>>, name: string): number {
  const value = from[name];
  if (value === null) return Number.NaN;
  if (typeof value !== "number") throw new TypeError(`"${name}" is no number`);
  return value;
}

function wholeNumber(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !Number.isSafeInteger(value) || value < 0)
    throw new TypeError(`${text} is no whole number`);
  return value;
}
