/** @file Operators of older and newer operator sets, of ONNX Runtime's own set, and graphs in graphs: the import against
 * ONNX Runtime, which runs the model as it stands. */
import assert from "node:assert/strict";
import { evaluate } from "../../../ml/graph/evaluate.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../../../ml/graph/onnx/model.ts";
import {
  encodeOnnx,
  fromData,
  importOnnx,
  ModelImportError,
  Session,
  Tensor,
} from "../../../ml/graph/index.ts";
import { input } from "../../../ml/graph/value.ts";
import { Random } from "../../../ml/random.ts";
import { assertNormClose } from "./norm-close.ts";
import { cases, floats, int, integers, ints, type Applied } from "./onnx-version-cases.ts";

function normals(shape: readonly number[], seed: number): Tensor {
  const random = new Random(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return fromData(
    "float32",
    Float32Array.from({ length }, () => random.normal()),
    shape,
  );
}

function modelOf(
  graph: Pick<OnnxGraph, "nodes" | "inputs" | "outputs" | "initializers">,
  opsets: OnnxModel["opsets"],
): OnnxModel {
  return {
    irVersion: 8,
    producer: "",
    documentation: "",
    opsets,
    metadata: {},
    graph: { name: "graph", ...graph },
  };
}

function modelOfOne({
  version,
  operator,
  domain = "",
  inputs,
  constants = [],
  attributes = {},
  outputs = 1,
}: Applied): OnnxModel {
  const names = inputs.map((shape, index) => (shape ? `x${index}` : ""));
  const stored = constants.map((tensor, index) => ({ ...tensor, name: `c${index}` }));
  const results = Array.from({ length: outputs }, (_, index) => `y${index}`);
  return modelOf(
    {
      nodes: [
        {
          name: "node",
          operator,
          domain,
          inputs: [...names, ...stored.map(({ name }) => name)],
          outputs: results,
          attributes,
        },
      ],
      inputs: inputs.flatMap((shape, index) =>
        shape ? [{ name: `x${index}`, dtype: "float32" as const, shape }] : [],
      ),
      outputs: results.map((name) => ({ name, dtype: undefined, shape: undefined })),
      initializers: stored,
    },
    { "": version, ...(domain !== "" && { [domain]: 1 }) },
  );
}

/** Runs a model as it stands and imported, on the same inputs. */
async function compareWithRuntime(model: OnnxModel): Promise<void> {
  const imported = importOnnx(model);
  const inputs = Object.fromEntries(
    Object.entries(imported.inputs).map(([name, { shape }], index) => [
      name,
      normals(shape.map(Number), index + 1),
    ]),
  );
  const made = imported.apply(imported.parameters, inputs);
  const results = await evaluate(Object.values(made).map(({ value }) => value));
  await using session = await Session.create(encodeOnnx(withTypes(model, made)));
  const fed = await Promise.all(
    Object.entries(inputs).map(async ([name, tensor]) => [name, await tensor.toData()] as const),
  );
  const expected = await session.run(
    Object.fromEntries(fed),
    Object.fromEntries(Object.keys(made).map((name) => [name, null])),
  );
  for (const [index, name] of Object.keys(made).entries()) {
    const [result, right] = [results[index], expected[name]];
    assert.ok(result && right);
    assert.deepEqual([result.dtype, result.shape], [right.dtype, right.shape]);
    assertNormClose(Array.from(result.data, Number), Array.from(right.data, Number), 1e-5, name);
  }
}

/** Outputs need a type in a file. */
function withTypes(model: OnnxModel, outputs: Readonly<Record<string, Tensor>>): OnnxModel {
  const typed = model.graph.outputs.map((each) => ({ ...each, dtype: outputs[each.name]?.value.dtype }));
  return { ...model, graph: { ...model.graph, outputs: typed } };
}

const node = (
  operator: string,
  inputs: string[],
  outputs: string[],
  attributes: OnnxNode["attributes"] = {},
): OnnxNode => ({
  name: "",
  operator,
  domain: "",
  inputs,
  outputs,
  attributes,
});
const value = (
  name: string,
  dtype: "float32" | "int64" | "bool",
  shape: readonly (number | string)[],
): OnnxGraph["inputs"][number] => ({ name, dtype, shape });
const graph = (parts: Partial<OnnxGraph>): OnnxGraph => ({
  name: "body",
  nodes: [],
  inputs: [],
  outputs: [],
  initializers: [],
  ...parts,
});
const named = (name: string, tensor: OnnxTensor): OnnxTensor => ({ ...tensor, name });

/** Doubles what is carried in each step, and collects it. */
function loop(trips: string): OnnxNode {
  const body = graph({
    inputs: [value("step", "int64", []), value("go", "bool", []), value("carried", "float32", [2])],
    nodes: [
      node("Add", ["carried", "carried"], ["next"]),
      node("Identity", ["go"], ["more"]),
      node("Mul", ["next", "x"], ["part"]),
    ],
    outputs: [value("more", "bool", []), value("next", "float32", [2]), value("part", "float32", [2])],
  });
  return node("Loop", [trips, "", "x"], ["last", "all"], { body: { graph: body } });
}

const cond = (condition: string): OnnxNode =>
  node("If", [condition], ["y"], {
    then_branch: {
      graph: graph({ nodes: [node("Neg", ["x"], ["a"])], outputs: [value("a", "float32", [2])] }),
    },
    else_branch: {
      graph: graph({ nodes: [node("Exp", ["x"], ["b"])], outputs: [value("b", "float32", [2])] }),
    },
  });

describe("ONNX operators of all versions", () => {
  for (const [index, each] of cases.entries()) {
    const { operator, domain = "", version, attributes = {} } = each;
    it(`${domain === "" ? `${operator} of version ${version}` : `${domain}.${operator}`} (${index}: ${Object.keys(attributes).join(", ")})`, async () => {
      await compareWithRuntime(modelOfOne(each));
    });
  }

  it("Loop of a known number of steps, If of a known condition", async () => {
    const x = value("x", "float32", [2]);
    const outputs = [value("last", "float32", [2]), value("all", "float32", [3, 2])];
    await compareWithRuntime(
      modelOf(
        {
          nodes: [loop("n")],
          inputs: [x],
          outputs,
          initializers: [named("n", { ...integers(3), shape: [] })],
        },
        { "": 17 },
      ),
    );
    // The condition is computed from a shape.
    const nodes = [
      node("Shape", ["x"], ["sizes"]),
      node("Equal", ["sizes", "two"], ["equal"]),
      node("Squeeze", ["equal"], ["condition"]),
      cond("condition"),
    ];
    for (const size of [2, 3])
      await compareWithRuntime(
        modelOf(
          {
            nodes,
            inputs: [x],
            outputs: [value("y", "float32", [2])],
            initializers: [named("two", integers(size))],
          },
          { "": 17 },
        ),
      );
  });

  it("Scan along other axes than the first", async () => {
    const body = graph({
      inputs: [value("sum", "float32", [2]), value("slice", "float32", [2])],
      nodes: [node("Add", ["sum", "slice"], ["next"]), node("Exp", ["next"], ["part"])],
      outputs: [value("next", "float32", [2]), value("part", "float32", [2])],
    });
    const scan = node("Scan", ["start", "x"], ["last", "all"], {
      body: { graph: body },
      num_scan_inputs: int(1),
      scan_input_axes: ints(1),
      scan_output_axes: ints(1),
      scan_input_directions: ints(1),
      scan_output_directions: ints(1),
    });
    await compareWithRuntime(
      modelOf(
        {
          nodes: [scan],
          inputs: [value("start", "float32", [2]), value("x", "float32", [2, 3])],
          outputs: [value("last", "float32", [2]), value("all", "float32", [2, 3])],
          initializers: [],
        },
        { "": 17 },
      ),
    );
  });

  it("says which operator can't be imported, and why", () => {
    const inputs = [value("x", "float32", [2]), value("n", "int64", []), value("flag", "bool", [])];
    const fails = (nodes: readonly OnnxNode[], output: string, message: RegExp): void => {
      const model = modelOf(
        { nodes, inputs, outputs: [value(output, "float32", [2])], initializers: [] },
        { "": 17 },
      );
      const places = Object.fromEntries(
        Object.entries(importOnnx(model).inputs).map(([name, { dtype, shape }]) => [
          name,
          new Tensor(input(name, dtype, shape)),
        ]),
      );
      assert.throws(
        () => importOnnx(model).apply({}, places),
        (error) => error instanceof ModelImportError && message.test(error.message),
      );
    };
    fails(
      [{ ...node("Det", ["x"], ["y"]), operator: "STFT", name: "spectrum" }],
      "y",
      /STFT "spectrum": this operator is not supported/,
    );
    fails([loop("n")], "last", /Loop: its number of steps depends on what the model computes/);
    fails([cond("flag")], "y", /If: its condition depends on what the model computes/);
    fails([node("TopK", ["x", "n"], ["y", ""])], "y", /TopK: .*known/);
    fails([node("MatMul", ["x", "missing"], ["y"])], "y", /nothing makes the value "missing"/);
  });
});

describe("Shapes of an imported model", () => {
  it("stay names where sizes are open, through the arithmetic that exporters write", () => {
    // Flattens all but the batch, by Shape, Gather, Unsqueeze and Concat.
    const nodes = [
      node("Shape", ["x"], ["sizes"]),
      node("Gather", ["sizes", "zero"], ["batch"]),
      node("Unsqueeze", ["batch", "axis"], ["vector"]),
      node("Concat", ["vector", "rest"], ["target"], { axis: int(0) }),
      node("Reshape", ["x", "target"], ["flat"]),
      node("ConstantOfShape", ["target"], ["zeros"]),
      node("Mul", ["flat", "w"], ["y"]),
    ];
    const model = importOnnx(
      modelOf(
        {
          nodes,
          inputs: [value("x", "float32", ["rows", 2, 3])],
          outputs: [value("y", "float32", ["rows", 6])],
          initializers: [
            named("zero", { ...integers(0), shape: [] }),
            named("axis", integers(0)),
            named("rest", integers(6)),
            named("w", floats(1, 2, 3, 4, 5, 6)),
          ],
        },
        { "": 17 },
      ),
    );
    assert.deepEqual(Object.keys(model.parameters), ["w"]);
    const x = new Tensor(input("x", "float32", ["rows", 2, 3]));
    assert.deepEqual(model.apply(model.parameters, { x })["y"]?.shape, ["rows", 6]);
    assert.deepEqual(model.apply(model.parameters, { x: normals([4, 2, 3], 1) })["y"]?.shape, [4, 6]);
  });
});
