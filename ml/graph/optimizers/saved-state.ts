/** @file An optimizer's state as named arrays, which files hold and every form of an optimizer goes on from. */
import { OptimizerStateError } from "./errors.ts";
import type { Optimizer } from "./optimizer.ts";
import type { ParameterSpec } from "./parameter-memory.ts";

/** A state as named arrays: `parameter:NAME`, and `SLOT:NAME` for what the optimizer keeps. */
export interface SavedOptimizerState {
  /** Steps taken. */
  readonly step: number;
  readonly tensors: Readonly<Record<string, Float32Array>>;
}

/** What kinds of arrays a saved state has of each parameter: the parameter itself first. */
export const savedKinds = (slots: readonly string[]): readonly string[] => ["parameter", ...slots];

/** The name of an array in a saved state. */
export const savedName = (kind: string, parameter: string): string => `${kind}:${parameter}`;

/**
 * The arrays of a saved state, for each kind those of the parameters in order.
 * @throws {@link OptimizerStateError} for a state of other parameters or of another optimizer
 */
export function savedArrays(
  { step, tensors }: SavedOptimizerState,
  specs: readonly ParameterSpec[],
  kinds: readonly string[],
  optimizer: Optimizer["kind"],
): readonly (readonly Float32Array[])[] {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new OptimizerStateError(`the saved state has no valid number of steps: ${step}`);
  const found = kinds.map((kind) =>
    specs.map(({ name, shape }) =>
      savedTensor(
        tensors,
        savedName(kind, name),
        shape.reduce((product, size) => product * size, 1),
      ),
    ),
  );
  const known = new Set(kinds.flatMap((kind) => specs.map(({ name }) => savedName(kind, name))));
  const unknown = Object.keys(tensors).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new OptimizerStateError(
      `the saved state has "${unknown}", which belongs to no parameter here under ${optimizer}`,
    );
  return found;
}

function savedTensor(
  tensors: Readonly<Record<string, Float32Array>>,
  name: string,
  length: number,
): Float32Array {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!(tensor instanceof Float32Array))
    throw new OptimizerStateError(`the saved state lacks "${name}", or it is not float32`);
  if (tensor.length !== length) {
    throw new OptimizerStateError(
      `"${name}" has ${tensor.length} numbers in the saved state, and ${length} here`,
    );
  }
  return tensor;
}
