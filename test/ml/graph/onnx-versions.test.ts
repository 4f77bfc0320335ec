/** @file Operators of older and newer operator sets, of ONNX Runtime's own set, and graphs in graphs: the import against
 * ONNX Runtime, which runs the model as it stands. */
import assert from "node:assert/strict";
import { evaluate } from "../../../ml/graph/evaluate.ts";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "../../../ml/graph/onnx/model.ts";
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

interface Applied {
  readonly version: number;
  readonly operator: string;
  readonly domain?: string;
  /** Shapes of float32 inputs; undefined where one is left out. */
  readonly inputs: readonly (readonly number[] | undefined)[];
  /** Constants that follow the inputs. */
  readonly constants?: readonly OnnxTensor[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly outputs?: number;
}

const integers = (...numbers: number[]): OnnxTensor => ({
  name: "",
  dtype: "int64",
  shape: [numbers.length],
  data: BigInt64Array.from(numbers, BigInt),
});
const floats = (...numbers: number[]): OnnxTensor => ({
  name: "",
  dtype: "float32",
  shape: [numbers.length],
  data: Float32Array.from(numbers),
});
const scalarOf = (number: number): OnnxTensor => ({ ...floats(number), shape: [] }) as OnnxTensor;
const int = (value: number): OnnxAttribute => ({ int: value });
const ints = (...values: number[]): OnnxAttribute => ({ ints: values });
const float = (value: number): OnnxAttribute => ({ float: value });
const text = (value: string): OnnxAttribute => ({ text: value });

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

const ms = "com.microsoft";
const cases: readonly Applied[] = [
  { version: 7, operator: "Softmax", inputs: [[2, 3, 4]] },
  { version: 11, operator: "LogSoftmax", inputs: [[2, 3, 4]], attributes: { axis: int(0) } },
  { version: 11, operator: "Hardmax", inputs: [[2, 3, 4]], attributes: { axis: int(2) } },
  { version: 13, operator: "Hardmax", inputs: [[2, 3, 4]], attributes: { axis: int(1) } },
  { version: 7, operator: "Clip", inputs: [[5]], attributes: { min: float(-0.3), max: float(0.4) } },
  { version: 7, operator: "Clip", inputs: [[5]] },
  { version: 12, operator: "Clip", inputs: [[5]], constants: [scalarOf(-0.2)] },
  {
    version: 7,
    operator: "Pad",
    inputs: [[2, 3]],
    attributes: { pads: ints(1, 0, 0, 2), value: float(1.5) },
  },
  {
    version: 7,
    operator: "Pad",
    inputs: [[4, 3]],
    attributes: { pads: ints(1, 2, 0, 1), mode: text("reflect") },
  },
  {
    version: 18,
    operator: "Pad",
    inputs: [[2, 3]],
    constants: [integers(1, 2), scalarOf(0.5), integers(-1)],
  },
  {
    version: 9,
    operator: "Slice",
    inputs: [[4, 5]],
    attributes: { starts: ints(1, -3), ends: ints(9, -1), axes: ints(0, 1) },
  },
  {
    version: 10,
    operator: "Slice",
    inputs: [[4, 5]],
    constants: [integers(3), integers(-9), integers(0), integers(-2)],
  },
  { version: 9, operator: "TopK", inputs: [[3, 5]], attributes: { k: int(2) }, outputs: 2 },
  { version: 10, operator: "TopK", inputs: [[3, 5]], constants: [integers(2)], outputs: 2 },
  {
    version: 11,
    operator: "TopK",
    inputs: [[5, 3]],
    constants: [integers(2)],
    attributes: { axis: int(0), largest: int(0) },
    outputs: 2,
  },
  { version: 7, operator: "Dropout", inputs: [[4]], attributes: { ratio: float(0.9) } },
  { version: 10, operator: "Dropout", inputs: [[4]] },
  { version: 13, operator: "Dropout", inputs: [[4]], outputs: 2 },
  {
    version: 7,
    operator: "Upsample",
    inputs: [[1, 2, 2, 3]],
    attributes: { scales: { floats: [1, 1, 2, 3] } },
  },
  {
    version: 9,
    operator: "Upsample",
    inputs: [[1, 2, 2, 3]],
    constants: [floats(1, 1, 2, 2)],
    attributes: { mode: text("linear") },
  },
  { version: 10, operator: "Resize", inputs: [[1, 1, 4, 4]], constants: [floats(1, 1, 0.5, 2)] },
  {
    version: 10,
    operator: "Resize",
    inputs: [[1, 1, 4, 4]],
    constants: [floats(1, 1, 2, 2)],
    attributes: { mode: text("linear") },
  },
  {
    version: 11,
    operator: "Resize",
    inputs: [[1, 1, 4, 4]],
    constants: [floats(), floats(1, 1, 2, 2)],
    attributes: { mode: text("cubic") },
  },
  {
    version: 18,
    operator: "Resize",
    inputs: [[1, 1, 4, 4]],
    constants: [floats(), floats(2, 3)],
    attributes: { axes: ints(2, 3), mode: text("linear") },
  },
  {
    version: 7,
    operator: "BatchNormalization",
    inputs: [[2, 3, 4], [3], [3], [3]],
    constants: [floats(1, 2, 0.5)],
  },
  {
    version: 9,
    operator: "BatchNormalization",
    inputs: [[2, 3, 4], [3], [3], [3]],
    constants: [floats(1, 2, 0.5)],
    attributes: { epsilon: float(0.01) },
  },
  {
    version: 15,
    operator: "BatchNormalization",
    inputs: [[2, 3, 4], [3], [3], [3]],
    constants: [floats(1, 2, 0.5)],
    attributes: { training_mode: int(1) },
    outputs: 3,
  },
  { version: 7, operator: "Squeeze", inputs: [[1, 3, 1]], attributes: { axes: ints(2) } },
  { version: 7, operator: "Squeeze", inputs: [[1, 3, 1]] },
  { version: 11, operator: "Unsqueeze", inputs: [[3]], attributes: { axes: ints(0, 2) } },
  {
    version: 7,
    operator: "Split",
    inputs: [[2, 6]],
    attributes: { axis: int(1), split: ints(2, 4) },
    outputs: 2,
  },
  { version: 11, operator: "Split", inputs: [[4, 2]], outputs: 2 },
  { version: 18, operator: "Split", inputs: [[7, 2]], attributes: { num_outputs: int(3) }, outputs: 3 },
  { version: 11, operator: "ReduceSum", inputs: [[2, 3, 4]], attributes: { axes: ints(0, -1) } },
  { version: 13, operator: "ReduceSum", inputs: [[2, 3]], attributes: { noop_with_empty_axes: int(1) } },
  {
    version: 18,
    operator: "ReduceMean",
    inputs: [[2, 3, 4]],
    constants: [integers(1)],
    attributes: { keepdims: int(0) },
  },
  { version: 18, operator: "ReduceL2", inputs: [[2, 3]], attributes: { noop_with_empty_axes: int(1) } },
  { version: 13, operator: "ReduceLogSumExp", inputs: [[2, 3]], attributes: { axes: ints(1) } },
  { version: 9, operator: "Flatten", inputs: [[2, 3, 4]], attributes: { axis: int(2) } },
  {
    version: 9,
    operator: "ConstantOfShape",
    inputs: [],
    constants: [integers(2, 3)],
    attributes: { value: { tensor: { ...floats(1.5), name: "value" } } },
  },
  {
    version: 9,
    operator: "Scatter",
    inputs: [[3, 2]],
    constants: [
      { ...integers(2, 0), shape: [1, 2] } as OnnxTensor,
      { ...floats(5, 6), shape: [1, 2] } as OnnxTensor,
    ],
  },
  { version: 8, operator: "Sum", inputs: [[2, 3], [3], [2, 1]] },
  { version: 8, operator: "Mean", inputs: [[2, 3], [3]] },
  { version: 8, operator: "Max", inputs: [[2, 3], [3], [1]] },
  {
    version: 7,
    operator: "PRelu",
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
  },
  {
    version: 13,
    operator: "LRN",
    inputs: [[2, 5, 3, 3]],
    attributes: { size: int(5), alpha: float(0.3), beta: float(0.6), bias: float(2) },
  },
  {
    version: 13,
    operator: "DepthToSpace",
    inputs: [[1, 8, 2, 3]],
    attributes: { blocksize: int(2), mode: text("CRD") },
  },
  { version: 14, operator: "HardSwish", inputs: [[7]] },
  { version: 20, operator: "Gelu", inputs: [[7]], attributes: { approximate: text("tanh") } },
  {
    version: 18,
    operator: "GroupNormalization",
    inputs: [[2, 4, 3], [2], [2]],
    attributes: { num_groups: int(2) },
  },
  {
    version: 21,
    operator: "GroupNormalization",
    inputs: [[2, 4, 3], [4], [4]],
    attributes: { num_groups: int(2) },
  },
  {
    version: 17,
    operator: "LayerNormalization",
    inputs: [
      [2, 3, 4],
      [3, 4],
    ],
    attributes: { axis: int(1) },
    outputs: 3,
  },
  {
    version: 20,
    operator: "GridSample",
    inputs: [
      [1, 2, 3, 3],
      [1, 4, 4, 2],
    ],
    attributes: { mode: text("linear") },
  },
  {
    version: 14,
    operator: "LSTM",
    inputs: [
      [4, 2, 3],
      [1, 8, 3],
      [1, 8, 2],
      [1, 16],
    ],
    attributes: { hidden_size: int(2), direction: text("reverse") },
    outputs: 3,
  },
  {
    version: 14,
    operator: "GRU",
    inputs: [
      [4, 2, 3],
      [2, 6, 3],
      [2, 6, 2],
      [2, 12],
    ],
    attributes: { hidden_size: int(2), direction: text("bidirectional"), linear_before_reset: int(1) },
    outputs: 2,
  },
  {
    version: 17,
    operator: "FusedMatMul",
    domain: ms,
    inputs: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    attributes: { transB: int(1), alpha: float(0.5) },
  },
  { version: 17, operator: "Gelu", domain: ms, inputs: [[7]] },
  { version: 17, operator: "BiasGelu", domain: ms, inputs: [[2, 3], [3]] },
  { version: 17, operator: "FastGelu", domain: ms, inputs: [[2, 3], [3]] },
  { version: 17, operator: "QuickGelu", domain: ms, inputs: [[7]] },
  {
    version: 17,
    operator: "SkipLayerNormalization",
    domain: ms,
    inputs: [[2, 3, 4], [2, 3, 4], [4], [4], [4]],
    attributes: { epsilon: float(1e-6) },
  },
  {
    version: 17,
    operator: "SkipSimplifiedLayerNormalization",
    domain: ms,
    inputs: [[2, 3, 4], [2, 3, 4], [4]],
  },
  {
    version: 17,
    operator: "FusedConv",
    domain: ms,
    inputs: [[1, 2, 5, 5], [3, 2, 3, 3], [3]],
    attributes: { activation: text("Relu"), kernel_shape: ints(3, 3) },
  },
  {
    version: 17,
    operator: "FusedConv",
    domain: ms,
    inputs: [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    attributes: { activation: text("LeakyRelu"), activation_params: { floats: [0.2] } },
  },
  {
    version: 17,
    operator: "FusedGemm",
    domain: ms,
    inputs: [[2, 3], [3, 4], [4]],
    attributes: { activation: text("Tanh") },
  },
];

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
          initializers: [named("n", { ...integers(3), shape: [] } as OnnxTensor)],
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
            named("zero", { ...integers(0), shape: [] } as OnnxTensor),
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
