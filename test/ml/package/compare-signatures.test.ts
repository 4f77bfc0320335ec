import assert from "node:assert/strict";
import { compareSignatures, parseSignature } from "../../../ml/package/index.ts";
import type { ModelSignature, SignatureInput, SignatureOutput } from "../../../ml/package/index.ts";

const age: SignatureInput = { name: "age", type: "int32", dtype: "int64", required: true };
const job: SignatureInput = { name: "job", type: "string", dtype: "string", required: false };
const label: SignatureOutput = { name: "label", type: "string", values: ["bad", "good"] };
const probabilities: SignatureOutput = { name: "probabilities", type: "float32", columns: ["bad", "good"] };
const signature: ModelSignature = { inputs: [age, job], outputs: [label, probabilities] };

/** The changes to a signature of these parts, each as one line. */
function changes(parts: Partial<ModelSignature>, earlier: ModelSignature = signature): readonly string[] {
  return compareSignatures(earlier, { ...earlier, ...parts }).map(
    ({ part, name, breaking, change }) => `${breaking ? "breaking" : "fine"}: ${part} ${name} ${change}`,
  );
}

describe("changes of signatures", () => {
  it("are none of equal ones, also in another order", () => {
    assert.deepEqual(changes({}), []);
    assert.deepEqual(changes({ inputs: [job, age] }), []);
  });

  it("of inputs", () => {
    const bonus: SignatureInput = { name: "bonus", type: "float64", dtype: "float64", required: false };
    assert.deepEqual(changes({ inputs: [age, job, bonus] }), [
      "fine: input bonus is new, and may be missing",
    ]);
    assert.deepEqual(changes({ inputs: [age, job, { ...bonus, required: true }] }), [
      "breaking: input bonus is new, and needs a value",
    ]);
    assert.deepEqual(changes({ inputs: [job] }), ["breaking: input age was removed"]);
    assert.deepEqual(
      changes({
        inputs: [
          { ...age, required: false, dtype: "float64" },
          { ...job, required: true },
        ],
      }),
      ["fine: input age may be missing now", "breaking: input job may not be missing any more"],
    );
  });

  it("of types: fine where all values that were taken still are", () => {
    const verdicts = (from: SignatureInput["type"], to: SignatureInput["type"]): readonly boolean[] =>
      compareSignatures(
        { ...signature, inputs: [{ ...age, type: from }] },
        { ...signature, inputs: [{ ...age, type: to }] },
      ).map(({ breaking }) => breaking);
    for (const [from, to] of [
      ["int32", "int64"],
      ["uint8", "int16"],
      ["uint8", "float32"],
      ["int64", "float64"],
      ["float32", "float64"],
      ["date", "timestamp"],
      ["timestamp", "timestamptz"],
      ["uuid", "string"],
    ] as const)
      assert.deepEqual(verdicts(from, to), [false], `${from} to ${to}`);
    for (const [from, to] of [
      ["int64", "int32"],
      ["int8", "uint64"],
      ["uint64", "int64"],
      ["float64", "int64"],
      ["float64", "float32"],
      ["int32", "float32"],
      ["timestamp", "date"],
      ["string", "uuid"],
      ["int32", "string"],
      ["boolean", "int32"],
    ] as const)
      assert.deepEqual(verdicts(from, to), [true], `${from} to ${to}`);
  });

  it("of outputs", () => {
    const score: SignatureOutput = { name: "score", type: "float64" };
    assert.deepEqual(changes({ outputs: [label, probabilities, score] }), ["fine: output score is new"]);
    assert.deepEqual(changes({ outputs: [label] }), ["breaking: output probabilities was removed"]);
    assert.deepEqual(
      changes({ outputs: [{ ...label, values: ["bad", "good", "unclear"] }, probabilities] }),
      ["breaking: output label may be unclear now"],
    );
    assert.deepEqual(changes({ outputs: [{ ...label, values: ["bad"] }, probabilities] }), [
      "fine: output label isn't good any more",
    ]);
    assert.deepEqual(changes({ outputs: [{ name: "label", type: "string" }, probabilities] }), [
      "breaking: output label may have any value now",
    ]);
    assert.deepEqual(changes({ outputs: [label, { ...probabilities, columns: ["bad", "fair"] }] }), [
      "breaking: output probabilities lost the columns good",
      "breaking: output probabilities has the new columns fair",
    ]);
    assert.deepEqual(changes({ outputs: [label, { ...probabilities, columns: ["good", "bad"] }] }), [
      "breaking: output probabilities has its columns in another order",
    ]);
    assert.deepEqual(
      changes({ outputs: [label, { ...probabilities, columns: ["bad", "good", "unclear"] }] }),
      ["fine: output probabilities has the new columns unclear"],
    );
    assert.deepEqual(changes({ outputs: [label, { name: "probabilities", type: "float32" }] }), [
      "breaking: output probabilities was a matrix",
    ]);
    const earlier = { ...signature, outputs: [score] };
    assert.deepEqual(changes({ outputs: [{ ...score, type: "float32" }] }, earlier), [
      "fine: output score was float64 and is float32",
    ]);
    assert.deepEqual(changes({ outputs: [{ ...score, type: "string" }] }, earlier), [
      "breaking: output score was float64 and is string",
    ]);
  });
});

describe("changes of tensors", () => {
  const signature = (input: number[], output: number[]): ModelSignature =>
    parseSignature({
      inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: input }],
      outputs: [{ name: "y", type: "float32", shape: output }],
    });
  const isBreaking = (
    before: readonly [number[], number[]],
    after: readonly [number[], number[]],
  ): boolean[] =>
    compareSignatures(signature(...before), signature(...after)).map(({ breaking }) => breaking);

  it("break where callers give or read other sizes", () => {
    assert.deepEqual(isBreaking([[4], [2]], [[4], [2]]), []);
    assert.deepEqual(isBreaking([[4], [2]], [[-1], [2]]), [false]);
    assert.deepEqual(isBreaking([[-1], [2]], [[4], [2]]), [true]);
    assert.deepEqual(isBreaking([[4], [2]], [[4, 1], [2]]), [true]);
    assert.deepEqual(isBreaking([[4], [2]], [[4], [-1]]), [true]);
    assert.deepEqual(isBreaking([[4], [-1]], [[4], [2]]), [false]);
  });
});
