/** @file Compares gradients with the slopes between nearby values, in float64. */
import assert from "node:assert/strict";
import { fromData } from "../../../ml/graph/create.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";

/** A float64 tensor of unknown shape: what the functions under test are written over. */
export type Float64 = Tensor;

/** Float64 draws from the normal distribution. */
export function normals(shape: readonly number[], seed: number): Float64 {
  const random = new Random(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return fromData(
    "float64",
    Float64Array.from({ length }, () => random.normal()),
    shape,
  );
}

// Central differences in float64: 1e-16 of rounding over a step of 1e-5, plus the curvature's step².
const step = 1e-5;
const tolerance = 1e-7;

/**
 * Checks the gradients of `compute`, whose result is weighed by fixed random numbers to a scalar, at each entry of each
 * input.
 * @param isConstant whether a gradient of zero everywhere is right
 */
export async function checkGradients(
  compute: (...inputs: readonly Float64[]) => Float64,
  inputs: readonly Float64[],
  isConstant = false,
): Promise<void> {
  const loss = (places: readonly Float64[]): Tensor<readonly []> => {
    const result = compute(...places);
    return result.mul(normals(result.shape, 99)).sum();
  };
  const value = jit((places: readonly Float64[]) => loss(places));
  const both = jit((places: readonly Float64[]) => {
    const { value, gradient } = valueAndGrad(loss)(places);
    return { value, gradient };
  });
  const { gradient } = await both(inputs);
  for (const [index, input] of inputs.entries()) {
    const computed = Float64Array.from(await (gradient[index] ?? input).data(), Number);
    const data = Float64Array.from(await input.data(), Number);
    const slopes: number[] = [];
    for (let entry = 0; entry < data.length; entry++) {
      const at = async (move: number): Promise<number> => {
        const moved = data.with(entry, (data[entry] ?? 0) + move);
        return (await value(inputs.with(index, fromData("float64", moved, input.shape)))).item();
      };
      slopes.push(((await at(step)) - (await at(-step))) / (2 * step));
    }
    if (!isConstant)
      assert.ok(
        slopes.some((slope) => Math.abs(slope) > 1e-3),
        `input ${index} has no influence: the check would say nothing`,
      );
    assertCloseTo(computed, slopes, tolerance * Math.max(1, ...slopes.map(Math.abs)), `input ${index}`);
  }
}
