/** @file The tensors of a selection as the tree that a loss takes apart. */
import { InvalidInputError } from "../../errors.ts";
import { fromData } from "../../graph/create.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { Tree } from "../../graph/trees.ts";
import { input } from "../../graph/value.ts";
import { batchInput } from "../training/dataset.ts";
import type { RowArray } from "./row-blocks.ts";
import type { SelectedTensor } from "./selected-columns.ts";

/** A tree of tensors, each at its path. */
function grow(
  tensors: readonly SelectedTensor[],
  make: (tensor: SelectedTensor, index: number) => Tensor,
): Tree {
  const tree: Record<string, Tree> = {};
  const categories: Record<string, Tree> = {};
  for (const [index, tensor] of tensors.entries()) {
    const [first = "", second] = tensor.path;
    if (second === undefined) tree[first] = make(tensor, index);
    else categories[second] = make(tensor, index);
  }
  return Object.keys(categories).length === 0 ? tree : { ...tree, categories };
}

/** The rows of a selection as tensors on these arrays. */
export function treeOf(tensors: readonly SelectedTensor[], arrays: readonly RowArray[], rows: number): Tree {
  return grow(tensors, ({ dtype, rest }, index) => {
    const shape = [rows, ...rest];
    const array = arrays[index];
    if (dtype === "int64" && array instanceof BigInt64Array) return fromData(dtype, array, shape);
    if (dtype === "float32" && array instanceof Float32Array) return fromData(dtype, array, shape);
    throw new InvalidInputError("the rows were read otherwise than they were selected");
  });
}

/** Tensors that stand for a batch of so many rows of a selection. */
export function placesOf(tensors: readonly SelectedTensor[], rows: number): Tree {
  return grow(
    tensors,
    ({ path, dtype, rest }) => new Tensor(input(batchInput(path.join(".")), dtype, [rows, ...rest])),
  );
}
