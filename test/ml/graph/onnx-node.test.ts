/** @file The backend node tests of the onnx package through the import: decoded, built as a program, run, compared. */
import assert from "node:assert/strict";
import { evaluate } from "../../../ml/graph/evaluate.ts";
import { float16Value } from "../../../ml/graph/half.ts";
import { decodeOnnx, importOnnx, type Tensor } from "../../../ml/graph/index.ts";
import type { TensorData } from "../../../ml/graph/runtime/tensor-data.ts";
import { readNodeCases, type NodeCase } from "./onnx-node-cases.ts";
import { unsupportedCases, unsupportedOperators } from "./onnx-node-unsupported.ts";

// The tolerances of the package's own runner.
const relative = 1e-3;
const absolute = 1e-7;

async function check({ model: bytes, sets }: NodeCase): Promise<void> {
  const model = importOnnx(decodeOnnx(bytes));
  const names = Object.keys(model.inputs);
  for (const { inputs, outputs } of sets) {
    const fed = Object.fromEntries(inputs.map((tensor, index) => [names[index] ?? "", tensor]));
    const made = Object.values(model.apply(model.parameters, fed));
    assert.equal(made.length, outputs.length);
    const results = await evaluate(made.map(({ value }) => value));
    for (const [index, output] of outputs.entries()) {
      const [result, inferred] = [results[index], made[index]];
      assert.ok(result && inferred);
      compare(result, inferred, await output.toData());
    }
  }
}

function compare(result: TensorData, inferred: Tensor, expected: TensorData): void {
  assert.deepEqual([result.dtype, result.shape], [expected.dtype, expected.shape]);
  const sizes: readonly (number | string)[] = inferred.shape;
  assert.equal(sizes.length, expected.shape.length);
  for (const [axis, size] of sizes.entries())
    if (typeof size === "number") assert.equal(size, expected.shape[axis]);
  const number = (element: number | bigint | string | undefined): number =>
    expected.dtype === "float16" ? float16Value(Number(element)) : Number(element);
  for (let index = 0; index < expected.data.length; index++) {
    const [a, b] = [number(result.data[index]), number(expected.data[index])];
    const isClose = Object.is(a, b) || a === b || Math.abs(a - b) <= absolute + relative * Math.abs(b);
    assert.ok(isClose, `element ${index} is ${a}, not ${b}`);
  }
}

function operatorsOf({ model }: NodeCase): readonly string[] {
  return decodeOnnx(model).graph.nodes.map(({ operator }) => operator);
}

describe("ONNX backend node tests", () => {
  const cases = readNodeCases(new URL("../../reference/onnx-node-tests.bin.gz", import.meta.url));
  const isListed = (each: NodeCase): boolean =>
    each.name in unsupportedCases ||
    operatorsOf(each).some((operator) => unsupportedOperators.includes(operator));
  const listed = cases.filter(isListed);

  it(`gives the right values: ${cases.length - listed.length} of ${cases.length}`, async function () {
    this.timeout(120_000);
    const failures: string[] = [];
    for (const each of cases) {
      if (isListed(each)) continue;
      await check(each).catch((error: unknown) => failures.push(`${each.name}: ${String(error)}`));
    }
    assert.deepEqual(failures, []);
  });

  it("has an error for each that is not supported, never wrong values", async function () {
    this.timeout(60_000);
    for (const each of listed)
      await assert.rejects(
        check(each),
        ({ name }: Error) => name === "ModelImportError" || name === "RuntimeError",
        each.name,
      );
  });
});
