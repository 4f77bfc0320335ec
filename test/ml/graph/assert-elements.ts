import assert from "node:assert/strict";
import type { DType } from "../../../ml/graph/dtype.ts";

/** A tensor as a reference script describes it: numbers as Python prints them, 16-bit floats as their bits. */
export interface DescribedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly string[];
}

/** Throws unless a tensor is the described one, exactly: zeros with their signs. */
export function assertTensor(
  tensor:
    | { readonly dtype: DType; readonly shape: readonly number[]; readonly data: ArrayLike<unknown> }
    | undefined,
  expected: DescribedTensor | undefined,
): void {
  assert.ok(tensor && expected);
  assert.equal(tensor.dtype, expected.dtype);
  assert.deepEqual(tensor.shape, expected.shape);
  assert.equal(tensor.data.length, expected.values.length);
  const isFloat = tensor.dtype === "float32" || tensor.dtype === "float64";
  for (const [index, text] of expected.values.entries()) {
    const value: unknown = tensor.data[index];
    if (isFloat)
      assert.ok(Object.is(value, Number(text.replace("inf", "Infinity"))), `${String(value)}: ${text}`);
    else assert.equal(String(value), text);
  }
}
