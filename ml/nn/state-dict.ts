/**
 * @file Weights of PyTorch modules as parameters of the layers that correspond to them: a state dict, saved as
 * safetensors, by the names that its modules have.
 */
import { InvalidInputError } from "../errors.ts";
import { zeros } from "../graph/create.ts";
import { bfloat16Value, float16Value } from "../graph/half.ts";
import type { SafetensorsTensor } from "../graph/safetensors/format.ts";
import type { NamedTensors } from "../graph/safetensors/write.ts";
import { showShape } from "../graph/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { constant } from "../graph/value.ts";
import type { AttentionParameters } from "./layers/attention.ts";
import type { ConvolutionParameters } from "./layers/convolution.ts";
import type { EmbeddingParameters } from "./layers/embedding.ts";
import type { LinearParameters } from "./layers/linear.ts";
import type { AffineParameters, BatchNormParameters } from "./layers/normalization.ts";
import type { DirectionParameters, RecurrentParameters } from "./layers/recurrent.ts";

/** What a recurrent module has. */
export interface RecurrentModule {
  /** How many layers; 1 where absent. */
  readonly layers?: number;
  readonly bidirectional?: boolean;
}

/**
 * The tensors of a PyTorch state dict. Each method gives the parameters of one of our layers from the module of a name,
 * such as `encoder.0`; write down a model's parameters with them:
 *
 * @example
 * const { tensors } = await readSafetensors("model.safetensors");
 * const weights = new StateDict(tensors);
 * const parameters: ReturnType<typeof model.init> = [weights.linear("fc1"), [], weights.linear("fc2")];
 * weights.assertAllTaken();
 *
 * Tensors become float32. Sizes in the results' types are those asked for: they are checked where a layer is applied.
 */
export class StateDict {
  // SAFETY (of the casts below): the tensors are those that the layers name; sizes are checked where a layer is applied.
  readonly #tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly #taken = new Set<string>();

  constructor(tensors: NamedTensors) {
    this.#tensors = tensors instanceof Map ? tensors : new Map(Object.entries(tensors));
  }

  /**
   * One tensor as it is, as float32.
   * @throws {@link InvalidInputError} where there is none of that name, or it isn't of a floating type
   */
  tensor(name: string): Tensor<readonly number[], "float32"> {
    const found = this.#tensors.get(name);
    if (!found)
      throw new InvalidInputError(`the state dict has no "${name}", only ${some([...this.#tensors.keys()])}`);
    this.#taken.add(name);
    return new Tensor(constant("float32", asFloat32(name, found), found.shape));
  }

  /** Of `nn.Linear`, whose weight `[out, in]` becomes `[in, out]`. Without bias it is zero. Throws as {@link tensor}. */
  linear<In extends number, Out extends number>(module: string): LinearParameters<In, Out> {
    const weight = transposed(this.#ofRank(`${module}.weight`, 2));
    return { weight, bias: this.#bias(module, weight.shape[1] ?? 0) } as LinearParameters<In, Out>;
  }

  /** Of `nn.Conv1d` to `nn.Conv3d`. Without bias it is zero. Throws as {@link tensor}. */
  convolution<Weight extends readonly number[], Out extends number>(
    module: string,
  ): ConvolutionParameters<Weight, Out> {
    const weight = this.tensor(`${module}.weight`);
    return { weight, bias: this.#bias(module, weight.shape[0] ?? 0) } as ConvolutionParameters<Weight, Out>;
  }

  /** Of `nn.ConvTranspose1d` to `nn.ConvTranspose3d` of one group. Without bias it is zero. Throws as {@link tensor}. */
  convTranspose<Weight extends readonly number[], Out extends number>(
    module: string,
  ): ConvolutionParameters<Weight, Out> {
    const weight = this.tensor(`${module}.weight`);
    return { weight, bias: this.#bias(module, weight.shape[1] ?? 0) } as ConvolutionParameters<Weight, Out>;
  }

  /** Of `nn.LayerNorm` and `nn.GroupNorm`. Without bias it is zero. Throws as {@link tensor}. */
  norm<Width extends number>(module: string): AffineParameters<Width> {
    const weight = this.#ofRank(`${module}.weight`, 1);
    return { weight, bias: this.#bias(module, weight.shape[0] ?? 0) } as AffineParameters<Width>;
  }

  /** Of `nn.BatchNorm1d` to `nn.BatchNorm3d`, with the running statistics. Throws as {@link tensor}. */
  batchNorm<Channels extends number>(module: string): BatchNormParameters<Channels> {
    this.#taken.add(`${module}.num_batches_tracked`);
    const [mean, variance] = [this.tensor(`${module}.running_mean`), this.tensor(`${module}.running_var`)];
    return { ...this.norm(module), mean, variance } as BatchNormParameters<Channels>;
  }

  /** Of `nn.Embedding`. Throws as {@link tensor}. */
  embedding<Count extends number, Width extends number>(module: string): EmbeddingParameters<Count, Width> {
    return { table: this.#ofRank(`${module}.weight`, 2) } as EmbeddingParameters<Count, Width>;
  }

  /** Of `nn.LSTM`, `nn.GRU` and `nn.RNN` with biases. Throws as {@link tensor}. */
  recurrent(
    module: string,
    { layers = 1, bidirectional = false }: RecurrentModule = {},
  ): RecurrentParameters {
    const direction = (suffix: string): DirectionParameters => {
      const parameters = {
        weightIh: this.#ofRank(`${module}.weight_ih_${suffix}`, 2),
        weightHh: this.#ofRank(`${module}.weight_hh_${suffix}`, 2),
        biasIh: this.#ofRank(`${module}.bias_ih_${suffix}`, 1),
        biasHh: this.#ofRank(`${module}.bias_hh_${suffix}`, 1),
      };
      return parameters as DirectionParameters;
    };
    return Array.from({ length: layers }, (_, index) => ({
      forward: direction(`l${index}`),
      ...(bidirectional && { backward: direction(`l${index}_reverse`) }),
    }));
  }

  /** Of `nn.MultiheadAttention` with biases and one width for queries, keys and values. Throws as {@link tensor}. */
  attention<Width extends number>(module: string): AttentionParameters<Width> {
    const parameters = {
      inProjWeight: this.#ofRank(`${module}.in_proj_weight`, 2),
      inProjBias: this.#ofRank(`${module}.in_proj_bias`, 1),
      outProjWeight: this.#ofRank(`${module}.out_proj.weight`, 2),
      outProjBias: this.#ofRank(`${module}.out_proj.bias`, 1),
    };
    return parameters as AttentionParameters<Width>;
  }

  /** Throws {@link InvalidInputError} where tensors were asked for by no method, which a model then does without. */
  assertAllTaken(): void {
    const left = [...this.#tensors.keys()].filter((name) => !this.#taken.has(name));
    if (left.length > 0) throw new InvalidInputError(`nothing was made of ${some(left)} of the state dict`);
  }

  #ofRank(name: string, rank: number): Tensor<readonly number[], "float32"> {
    const found = this.tensor(name);
    if (found.shape.length !== rank)
      throw new InvalidInputError(`"${name}" has the shape ${showShape(found.shape)}, not ${rank} axes`);
    return found;
  }

  #bias(module: string, size: number): Tensor {
    const name = `${module}.bias`;
    return this.#tensors.has(name) ? this.#ofRank(name, 1) : zeros([size]);
  }
}

function asFloat32(name: string, tensor: SafetensorsTensor): Float32Array {
  switch (tensor.dtype) {
    case "float32":
      return tensor.data;
    case "float64":
      return Float32Array.from(tensor.data);
    case "float16":
      return Float32Array.from(tensor.data, float16Value);
    case "bfloat16":
      return Float32Array.from(tensor.data, bfloat16Value);
    default:
      throw new InvalidInputError(`"${name}" is ${tensor.dtype}, which no weight is`);
  }
}

function transposed({ value }: Tensor<readonly number[], "float32">): Tensor<readonly number[], "float32"> {
  const [rows = 0, columns = 0] = value.shape.map(Number);
  const data =
    value.source.kind === "data" && value.source.data instanceof Float32Array
      ? value.source.data
      : new Float32Array();
  const moved = Float32Array.from(
    data,
    (_, index) => data[(index % rows) * columns + Math.floor(index / rows)] ?? 0,
  );
  return new Tensor(constant("float32", moved, [columns, rows]));
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
}
