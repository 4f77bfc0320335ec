/** @file Convolutions as layers: of sequences, of images, and transposed ones that enlarge. */
import {
  conv1d as convolve1d,
  conv2d as convolve2d,
  convTranspose2d as enlarge2d,
} from "../../graph/functions/convolution.ts";
import type { PerAxis } from "../../graph/functions/spatial.ts";
import { GraphError } from "../../graph/errors.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Random } from "../../random.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { layer, type Layer } from "./layer.ts";

/** The parameters of a convolution. */
export type ConvolutionParameters<Weight extends readonly number[], Out extends number> = {
  readonly weight: Tensor<Weight, "float32">;
  readonly bias: Tensor<readonly [Out], "float32">;
};

/** The settings of a convolution; `Sizes` has one number for each spatial axis. */
export interface ConvolutionSettings<Sizes extends readonly number[]> {
  /** The size of the windows. */
  readonly kernel: PerAxis<Sizes>;
  /** How far windows are apart; 1 where absent. */
  readonly stride?: PerAxis<Sizes>;
  /** Zeros around the input: "same" keeps its sizes, "valid" (where absent) adds none. */
  readonly padding?: PerAxis<Sizes> | "same" | "valid";
  /** How far the elements of a window are apart; 1 where absent. */
  readonly dilation?: PerAxis<Sizes>;
  /** Groups of channels that don't see one another; 1 where absent. */
  readonly groups?: number;
  /** The first weights; those of PyTorch where absent. */
  readonly weight?: Initialiser;
}

type One = readonly [number];
type Two = readonly [number, number];

/** A convolution of sequences: `[in, length]` to `[out, length']`. */
export function conv1d<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  settings: ConvolutionSettings<One>,
): Layer<
  ConvolutionParameters<readonly [Out, number, number], Out>,
  readonly [In, number],
  readonly [Out, number]
> {
  const { kernel, weight = fanInUniform, groups = 1, ...windows } = settings;
  const sizes = perAxis(kernel, 1);
  return layer({
    init: (random) => convolutionParameters(inputs, outputs, groups, sizes, weight, random),
    apply: (parameters, x) => convolve1d(x, parameters.weight, { ...windows, groups, bias: parameters.bias }),
  });
}

/** A convolution of images: `[in, height, width]` to `[out, height', width']`. */
export function conv2d<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  settings: ConvolutionSettings<Two>,
): Layer<
  ConvolutionParameters<readonly [Out, number, number, number], Out>,
  readonly [In, number, number],
  readonly [Out, number, number]
> {
  const { kernel, weight = fanInUniform, groups = 1, ...windows } = settings;
  const sizes = perAxis(kernel, 2);
  return layer({
    init: (random) => convolutionParameters(inputs, outputs, groups, sizes, weight, random),
    apply: (parameters, x) => convolve2d(x, parameters.weight, { ...windows, groups, bias: parameters.bias }),
  });
}

/** The settings of a transposed convolution. */
export interface TransposedConvolutionSettings {
  readonly kernel: PerAxis<Two>;
  /** How far the outputs of neighbouring inputs are apart; 1 where absent. */
  readonly stride?: PerAxis<Two>;
  /** How much of the output's edges is cut off; 0 where absent. */
  readonly padding?: PerAxis<Two>;
}

/** A transposed convolution of images, which enlarges by its stride: `[in, height, width]` to `[out, height', width']`. */
export function convTranspose2d<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  { kernel, ...windows }: TransposedConvolutionSettings,
): Layer<
  ConvolutionParameters<readonly [In, Out, number, number], Out>,
  readonly [In, number, number],
  readonly [Out, number, number]
> {
  const [height = 1, width = 1] = perAxis(kernel, 2);
  // As PyTorch reckons it: each output channel times the window.
  const fan = { in: outputs * height * width, out: inputs * height * width };
  return layer({
    init: (random) => ({
      weight: fanInUniform([inputs, outputs, height, width], fan, random),
      bias: fanInUniform([outputs], fan, random),
    }),
    apply: (parameters, x) => enlarge2d(x, parameters.weight, { ...windows, bias: parameters.bias }),
  });
}

function convolutionParameters<Weight extends readonly number[], Out extends number>(
  inputs: number,
  outputs: Out,
  groups: number,
  kernel: readonly number[],
  initialiser: Initialiser,
  random: Random,
): ConvolutionParameters<Weight, Out> {
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new GraphError(
      `a convolution: ${inputs} and ${outputs} channels do not divide into ${groups} groups`,
    );
  const window = kernel.reduce((product, size) => product * size, 1);
  const fan = { in: (inputs / groups) * window, out: (outputs / groups) * window };
  // SAFETY: the sizes are those that the layer's type names.
  const shape = [outputs, inputs / groups, ...kernel] as unknown as Weight;
  return { weight: initialiser(shape, fan, random), bias: fanInUniform([outputs], fan, random) };
}

function perAxis(sizes: number | readonly number[], count: number): readonly number[] {
  return typeof sizes === "number" ? Array.from({ length: count }, () => sizes) : sizes;
}
