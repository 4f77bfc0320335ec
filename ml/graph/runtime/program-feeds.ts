/** @file What programs of a training are fed with beside parameters: batches, noise, and what never changes. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { RuntimeError } from "../errors.ts";
import { fillRandom } from "../random-source.ts";
import { BatchTensors } from "./batch-tensors.ts";
import { fromOrtTensor, toOrtTensor, type TensorData } from "./tensor-data.ts";
import { firstScale, scaleNames } from "../loss-scaling.ts";
import type {
  Batches,
  Columns,
  PlannedNoise,
  PlannedState,
  Snapshot,
  TrainingPlan,
} from "./training-protocol.ts";

/** A source of noise with the memory that is filled for each step. */
export interface LoadedNoise extends PlannedNoise {
  readonly data: Float32Array;
  readonly tensor: OrtTensor;
}

/** Sources of noise with memory for them. */
export function loadNoise(noise: readonly PlannedNoise[]): readonly LoadedNoise[] {
  return noise.map((source) => {
    const data = new Float32Array(source.shape.reduce((product, size) => product * size, 1));
    return { ...source, data, tensor: toOrtTensor({ dtype: "float32", data, shape: source.shape }) };
  });
}

/** The noise of a step, by input name. */
export function noiseOf(
  noise: readonly LoadedNoise[],
  seed: number,
  step: number,
): Readonly<Record<string, OrtTensor>> {
  for (const { distribution, stream, data } of noise) fillRandom({ distribution, seed, step, stream }, data);
  return Object.fromEntries(noise.map(({ name, tensor }) => [name, tensor]));
}

/** Values as ONNX Runtime's tensors, by name. */
export function tensorsOf(values: Readonly<Record<string, TensorData>>): Readonly<Record<string, OrtTensor>> {
  return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, toOrtTensor(data)]));
}

/** A number that a program gave as a scalar; NaN where it gave none. */
export function numberOf(tensor: OrtTensor | undefined): number {
  return tensor ? Number(fromOrtTensor(tensor).data[0]) : Number.NaN;
}

/** The batches of a training, one after another; memory is used again while they are of the same columns. */
export class BatchReader {
  #gathering:
    { readonly columns: Columns; readonly size: number; readonly tensors: BatchTensors } | undefined;

  /** Each batch by input name; it holds until the next is asked for. */
  *read(
    batches: Batches,
    columns: Columns | undefined,
  ): Generator<Readonly<Record<string, OrtTensor>>, void, void> {
    if ("columns" in batches) {
      for (const each of batches.columns) yield tensorsOf(each);
      return;
    }
    if (!columns) throw new RuntimeError("the training has no such data");
    const { rows, batchSize } = batches;
    if (this.#gathering?.columns !== columns || this.#gathering.size !== batchSize)
      this.#gathering = { columns, size: batchSize, tensors: new BatchTensors(columns, batchSize) };
    const { tensors } = this.#gathering;
    for (let start = 0; start + batchSize <= rows.length; start += batchSize) {
      tensors.gather(rows.subarray(start, start + batchSize));
      yield tensors.tensors;
    }
  }
}

/** What a training carries from step to step beside parameters: the states of its programs, and the loss's scale. */
export function statesOf({ states, isScaled }: TrainingPlan): readonly PlannedState[] {
  if (!isScaled) return states;
  const state = (name: string, value: number): PlannedState => ({
    name,
    value: { dtype: "float32", shape: [], data: Float32Array.of(value) },
  });
  return [...states, state(scaleNames.factor, firstScale), state(scaleNames.steps, 0)];
}

/** The states of a snapshot, copied. Throws {@link RuntimeError} where it has not those of the plan. */
export function restoredStates(
  plan: TrainingPlan,
  snapshot: Snapshot,
): Readonly<Record<string, TensorData<"float32">>> {
  return Object.fromEntries(
    statesOf(plan).map(({ name, value }) => {
      const saved = snapshot.states[name];
      if (saved?.length !== value.data.length)
        throw new RuntimeError(`the snapshot does not hold "${name}" as the model has it`);
      return [name, { ...value, data: saved.slice() }];
    }),
  );
}

/** A state's numbers. */
export function floatsOf({ data }: TensorData): Float32Array {
  if (!(data instanceof Float32Array)) throw new RuntimeError("a state is not float32");
  return data;
}
