/** @file Single operators for the tests of the import of all versions. */
import type { OnnxAttribute, OnnxTensor } from "../../../ml/graph/onnx/model.ts";

/** One operator applied: a model of one node. */
export interface Applied {
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

/** An int64 vector. */
export const integers = (...numbers: number[]): OnnxTensor => ({
  name: "",
  dtype: "int64",
  shape: [numbers.length],
  data: BigInt64Array.from(numbers, BigInt),
});
/** A float32 vector. */
export const floats = (...numbers: number[]): OnnxTensor => ({
  name: "",
  dtype: "float32",
  shape: [numbers.length],
  data: Float32Array.from(numbers),
});
/** A float32 scalar. */
export const scalarOf = (number: number): OnnxTensor => ({ ...floats(number), shape: [] });
/** A whole number as an attribute. */
export const int = (value: number): OnnxAttribute => ({ int: value });
/** Whole numbers as an attribute. */
export const ints = (...values: number[]): OnnxAttribute => ({ ints: values });
/** A number as an attribute. */
export const float = (value: number): OnnxAttribute => ({ float: value });
/** A text as an attribute. */
export const text = (value: string): OnnxAttribute => ({ text: value });

const ms = "com.microsoft";
/** Operators as older and newer sets than that of programs have them, and as ONNX Runtime's optimiser writes them. */
export const cases: readonly Applied[] = [
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
      { ...integers(2, 0), shape: [1, 2] },
      { ...floats(5, 6), shape: [1, 2] },
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
