/**
 * @file Parameters and all that an optimizer keeps about them, in one memory, stepped by WebAssembly.
 *
 * A step either moves every parameter or, where a gradient isn't finite, none. Equal parameters, gradients and settings
 * give equal bits on every machine; a state that was saved and restored goes on as the one it was saved from.
 */
import { bindKernels, type Kernels } from "./kernels.ts";
import { updateRule, type Optimizer } from "./optimizer.ts";
import { ParameterMemory, type ParameterSpec } from "./parameter-memory.ts";
import { savedArrays, savedKinds, savedName, type SavedOptimizerState } from "./saved-state.ts";
import { requireNotNegative, requirePositive } from "../../settings.ts";
import type { UpdateRule } from "./update-rule.ts";

/**
 * What is done to gradients, in place, before a step: scaled together so that their norm over all parameters is at most
 * `maxNorm` (`torch.nn.utils.clip_grad_norm_`, with its 1e-6 in the divisor), or each entry held between −`maxValue` and
 * `maxValue` (`clip_grad_value_`).
 */
export type GradientClipping = { readonly maxNorm: number } | { readonly maxValue: number };

/** What a step found. */
export interface StepReport {
  /** The Euclidean norm of all gradients as one vector, before clipping. */
  readonly gradientNorm: number;
  /** The first parameter, in the order given, whose gradient holds NaN or an infinity: nothing has moved then. */
  readonly nonFinite: string | undefined;
}

/** See the file's header. */
export class OptimizerState {
  readonly optimizer: Optimizer;
  readonly #memory: ParameterMemory;
  readonly #kernels: Kernels;
  readonly #rule: UpdateRule;
  #steps = 0;

  /**
   * Reserves memory for parameters that are all zero until {@link parameters} are written.
   * @throws InvalidInputError for a name that is used twice or a shape that isn't one
   * @throws ParameterMemoryError for more than 4 GiB, or more than the system gives
   */
  constructor(specs: readonly ParameterSpec[], optimizer: Optimizer) {
    this.optimizer = optimizer;
    this.#rule = updateRule(optimizer);
    this.#memory = new ParameterMemory(specs, this.#rule.slots.length);
    this.#kernels = bindKernels(this.#memory.memory);
    if (this.#rule.initial !== 0)
      for (const values of this.#memory.slots.flat()) values.fill(this.#rule.initial);
  }

  /** The names, shapes and decay of the parameters. */
  get specs(): readonly ParameterSpec[] {
    return this.#memory.specs;
  }

  /** The parameters' data, for reading and writing: float32, row-major, 64-byte aligned, valid for the state's life. */
  get parameters(): readonly Float32Array[] {
    return this.#memory.parameters;
  }

  /** Where gradients are written before {@link step}: float32, row-major, 64-byte aligned, valid for the state's life. */
  get gradients(): readonly Float32Array[] {
    return this.#memory.gradients;
  }

  /** Steps taken, which bias corrections depend on. */
  get steps(): number {
    return this.#steps;
  }

  /** The bytes of the memory: a multiple of 64 KiB. */
  get byteLength(): number {
    return this.#memory.memory.buffer.byteLength;
  }

  /**
   * Moves every parameter once against {@link gradients}, unless one of those isn't finite.
   * @throws InvalidInputError for a learning rate or a limit of clipping out of its range
   */
  step(learningRate: number, clipping?: GradientClipping): StepReport {
    requireNotNegative("the learning rate", learningRate);
    if (clipping && "maxNorm" in clipping) requirePositive("maxNorm", clipping.maxNorm);
    else if (clipping) requirePositive("maxValue", clipping.maxValue);
    const { gradients, bytes } = this.#memory.whole;
    const gradientNorm = Math.sqrt(this.#kernels.sumOfSquares(gradients, bytes));
    if (!Number.isFinite(gradientNorm)) return { gradientNorm, nonFinite: this.#firstNonFinite() };
    if (clipping && "maxValue" in clipping) this.#kernels.clampAll(gradients, bytes, clipping.maxValue);
    else if (clipping) {
      const factor = clipping.maxNorm / (gradientNorm + 1e-6);
      if (factor < 1) this.#kernels.scaleAll(gradients, bytes, factor);
    }
    this.#steps++;
    this.#rule.apply(this.#kernels, this.#memory, this.#steps, learningRate);
    return { gradientNorm, nonFinite: undefined };
  }

  /** A copy of all that {@link restore} needs to go on from here, bit for bit. */
  save(): SavedOptimizerState {
    const tensors = this.#views().map(([name, view]) => [name, Float32Array.from(view)] as const);
    return { step: this.#steps, tensors: Object.fromEntries(tensors) };
  }

  /**
   * Puts back what {@link save} gave, here or in another process.
   * @throws {@link OptimizerStateError} for a state of other parameters or of another optimizer; nothing changes then
   */
  restore(saved: SavedOptimizerState): void {
    const regions = savedArrays(saved, this.specs, savedKinds(this.#rule.slots), this.optimizer.kind);
    for (const [kind, region] of [this.#memory.parameters, ...this.#memory.slots].entries())
      for (const [at, view] of region.entries()) view.set(regions[kind]?.[at] ?? []);
    this.#steps = saved.step;
  }

  #views(): (readonly [name: string, view: Float32Array])[] {
    const kinds = savedKinds(this.#rule.slots);
    const regions = [this.#memory.parameters, ...this.#memory.slots];
    return regions.flatMap((region, kind) =>
      region.map((view, at) => [savedName(kinds[kind] ?? "", this.specs[at]?.name ?? ""), view] as const),
    );
  }

  #firstNonFinite(): string | undefined {
    const first = this.#memory.each.findIndex(
      ({ gradients, bytes }) => !Number.isFinite(this.#kernels.sumOfSquares(gradients, bytes)),
    );
    return this.specs[first]?.name;
  }
}
