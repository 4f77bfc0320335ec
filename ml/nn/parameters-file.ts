/** @file Trees of parameters as safetensors files: each tensor by its path, such as `0.weight`. */
import { InvalidInputError } from "../errors.ts";
import { evaluate } from "../graph/evaluate.ts";
import type { SafetensorsTensor } from "../graph/safetensors/format.ts";
import { readSafetensors } from "../graph/safetensors/read.ts";
import { writeSafetensors } from "../graph/safetensors/write.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { leaves, mapTree, type Tree } from "../graph/trees.ts";

/**
 * Writes a tree of parameters, whole or not at all. Tools for PyTorch read the file as they do any safetensors file.
 * @throws {@link InvalidInputError} for a tensor of text
 */
export async function saveParameters(path: string, parameters: Tree): Promise<void> {
  const found = leaves(parameters);
  const data = await evaluate(found.map(([, { value }]) => value));
  const tensors: Record<string, SafetensorsTensor> = {};
  for (const [index, [name]] of found.entries()) {
    const tensor = data[index];
    if (!tensor || tensor.dtype === "string")
      throw new InvalidInputError(`"${name}" can't be saved: it holds text`);
    tensors[name] = tensor;
  }
  await writeSafetensors(path, tensors, { format: "tenon" });
}

/**
 * Reads the parameters that {@link saveParameters} wrote, as a tree like one that is there: what `init` gives.
 * @throws {@link InvalidInputError} where a tensor is missing, left over, or of another shape or element type
 */
export async function loadParameters<P extends Tree>(path: string, like: P): Promise<P> {
  const { tensors } = await readSafetensors(path);
  const left = new Set(tensors.keys());
  const loaded = mapTree(like, ({ value }, name) => {
    const found = tensors.get(name);
    left.delete(name);
    if (!found) throw new InvalidInputError(`${path} has no "${name}"`);
    if (found.dtype !== value.dtype || !sameShape(found.shape, value.shape))
      throw new InvalidInputError(
        `${path}: "${name}" is ${found.dtype} ${showShape(found.shape)}, not ${value.dtype} ${showShape(value.shape)}`,
      );
    return new Tensor({ ...found, source: { kind: "data", data: found.data } });
  });
  const [extra] = left;
  if (extra !== undefined) throw new InvalidInputError(`${path} has "${extra}", which the model has not`);
  return loaded;
}
