/**
 * @file A loss over all rows with a quadratic penalty, as a smooth function of the coefficients: `scale Σ loss + ½ Σ
 * penalty w²`. Coefficients hold, for each output, the columns' numbers and then the intercept's.
 *
 * The curvature is that of each output by itself. Of many rows a sample of blocks is looked at, which costs less than a
 * pass over all and is near enough to step from.
 */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { Turns } from "../../turns.ts";
import { cholesky, solveCholesky, type Cholesky } from "../cholesky.ts";
import type { MarginLoss } from "../losses/margin-loss.ts";
import { RowPass } from "../row-blocks.ts";
import { Curvature, fromShifted, toShifted } from "./curvature.ts";
import type { SmoothFunction } from "./quasi-newton.ts";

/** A loss with its penalty. */
export interface PenalisedProblem {
  readonly matrix: DenseMatrix;
  readonly loss: MarginLoss;
  /** What the sum of losses is multiplied by. */
  readonly scale: number;
  readonly penalty: number;
  /** The intercept's penalty; undefined where there is no intercept. */
  readonly interceptPenalty: number | undefined;
  readonly turns: Turns;
}

/** Products of columns go this many times faster than products with coefficients, which wait for the memory. */
const productSpeed = 3;
/** The most numbers that the curvatures of all outputs may have. */
const mostNumbers = 2 ** 25;

/** A {@link PenalisedProblem} as the solver takes it. */
export class PenalisedLoss implements SmoothFunction {
  readonly size: number;
  readonly #problem: PenalisedProblem;
  readonly #pass: RowPass;
  readonly #width: number;
  readonly #curvature: Curvature;
  readonly #refreshCost: number;
  #factors: readonly Cholesky[] = [];
  /** Products computed since the last look at the curvature. */
  #spent = Number.POSITIVE_INFINITY;

  constructor(problem: PenalisedProblem) {
    const { matrix, loss, scale, turns, interceptPenalty } = problem;
    const width = matrix.columns.length;
    this.#problem = problem;
    this.#width = width;
    this.size = loss.outputs * (width + 1);
    this.#pass = new RowPass(matrix, loss.outputs);
    this.#curvature = new Curvature(matrix, loss, scale, interceptPenalty === 0, turns);
    const sampled = matrix.rows / this.#curvature.step;
    this.#refreshCost = (sampled * loss.outputs * width * width) / 2 / productSpeed;
    // The first look must pay, too: ten passes at most.
    if (this.#refreshCost > 10 * this.#passCost) this.#spent = 0;
  }

  get #passCost(): number {
    return 2 * this.#problem.matrix.rows * this.size;
  }

  async evaluate(at: Float64Array, gradient: Float64Array): Promise<number> {
    const { loss, scale, turns } = this.#problem;
    this.#pass.coefficients.set(at);
    let value = scale * (await this.#pass.run(turns, loss.evaluate));
    this.#spent += this.#passCost;
    for (let j = 0; j < this.size; j++) {
      const penalty = this.#penaltyAt(j);
      const weight = at[j] ?? 0;
      if (penalty === undefined) gradient[j] = 0;
      else {
        gradient[j] = scale * (this.#pass.gradient[j] ?? 0) + penalty * weight;
        value += (penalty * weight * weight) / 2;
      }
    }
    return value;
  }

  async refresh(at: Float64Array): Promise<"kept" | "sampled" | "exact"> {
    const { outputs } = this.#problem.loss;
    if (this.#spent < this.#refreshCost) return "kept";
    if (outputs * (this.#width + 1) ** 2 > mostNumbers) return "kept";
    this.#pass.coefficients.set(at);
    const pairs = Array.from({ length: outputs }, (_, output) => [output, output] as const);
    const factors: Cholesky[] = [];
    for (const curvature of await this.#curvature.at(this.#pass, pairs)) {
      const factor = await this.#factorOf(curvature);
      if (factor === undefined) return "kept";
      factors.push(factor);
    }
    this.#factors = factors;
    this.#spent = 0;
    return this.#curvature.step === 1 && outputs === 1 ? "exact" : "sampled";
  }

  precondition(vector: Float64Array): boolean {
    const size = this.#width + 1;
    const { shift } = this.#curvature;
    for (const [output, factor] of this.#factors.entries()) {
      const part = vector.subarray(output * size, (output + 1) * size);
      toShifted(part, shift);
      solveCholesky(factor, part);
      fromShifted(part, shift);
    }
    return this.#factors.length > 0;
  }

  /** A little is added where columns depend on each other or the loss is flat, more where that isn't enough. */
  async #factorOf(curvature: Float64Array): Promise<Cholesky | undefined> {
    const size = this.#width + 1;
    for (let extra = 1e-12; extra < 1e6; extra *= 1000) {
      const raised = curvature.slice();
      for (let j = 0; j < size; j++) this.#raise(raised, j, extra);
      const factor = await cholesky(raised, size, this.#problem.turns);
      if (factor) return factor;
    }
    return undefined;
  }

  #raise(curvature: Float64Array, j: number, extra: number): void {
    const size = this.#width + 1;
    const penalty = this.#penaltyAt(j);
    const own = curvature[j * size + j] ?? 0;
    if (penalty !== undefined) {
      curvature[j * size + j] = own + own * extra + penalty + (own + penalty > 0 ? 0 : 1);
      return;
    }
    for (let k = 0; k < size; k++) {
      curvature[j * size + k] = 0;
      curvature[k * size + j] = 0;
    }
    curvature[j * size + j] = 1;
  }

  /** Undefined where the coefficient stays 0. */
  #penaltyAt(j: number): number | undefined {
    return j % (this.#width + 1) === this.#width ? this.#problem.interceptPenalty : this.#problem.penalty;
  }
}
