/**
 * @file Stochastic gradient descent as scikit-learn's: row by row, with a penalty that shrinks the coefficients at every
 * step and for magnitudes the cumulative one (Tsuruoka, Tsujii and Ananiadou 2009), averages on demand (Xu 2011), and a
 * step that follows a schedule. The "optimal" schedule is Bottou's, `1 / (alpha (t0 + t))`.
 */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import type { Turns } from "../../turns.ts";
import type { DescentLoss } from "../losses/descent-losses.ts";
import type { Minimum } from "./quasi-newton.ts";

/** How the steps' lengths change. */
export const learningRates = ["optimal", "constant", "invscaling", "adaptive"] as const;
export type LearningRate = (typeof learningRates)[number];

/** Settings of the descent. */
export interface DescentSettings {
  /** The penalty's strength; it also sets the "optimal" schedule. */
  readonly alpha: number;
  /** The share of the penalty on magnitudes beside that on squares; undefined for no penalty. */
  readonly l1Ratio: number | undefined;
  readonly fitIntercept: boolean;
  readonly learningRate: LearningRate;
  readonly eta0: number;
  readonly powerT: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly maxIter: number;
  readonly tol: number;
  readonly nIterNoChange: number;
  /** The step from which coefficients are averaged; 0 for never. */
  readonly average: number;
}

/** What is descended on. */
export interface DescentProblem {
  readonly matrix: DenseMatrix;
  readonly target: Float64Array | Int8Array;
  readonly weights: Float64Array | undefined;
  readonly loss: DescentLoss;
  /** 1 for rows that are not learnt from; undefined where there are none. */
  readonly held: Uint8Array | undefined;
  /** How good coefficients (the intercept last) are on the held rows; higher is better. */
  readonly score: (at: Float64Array) => number;
  readonly onEpoch: (epochs: number, loss: number) => void;
  readonly turns: Turns;
}

/** Slopes beyond this would carry one step too far. */
const steepest = 1e12;
const leastRate = 1e-6;
/** The clock is looked at once for so many rows. */
const rowsOfTurn = 64;

/**
 * The coefficients after the last epoch, or their averages; the intercept stands last.
 * @throws {@link InvalidInputError} where numbers overflow
 */
export async function descendStochastically(
  problem: DescentProblem,
  settings: DescentSettings,
): Promise<Minimum> {
  const { matrix, held, turns } = problem;
  const { shuffle, maxIter, tol, nIterNoChange, average } = settings;
  const learner = new Learner(problem, settings);
  const order = Uint32Array.from({ length: matrix.rows }, (_, row) => row).filter((row) => held?.[row] !== 1);
  const random = new Random(settings.seed);
  let best = Number.POSITIVE_INFINITY;
  let withoutChange = 0;
  let epochs = 0;
  let converged = false;
  while (epochs < maxIter && !converged) {
    learner.objective = 0;
    if (shuffle) random.shuffle(order);
    for (let place = 0; place < order.length; place++) {
      if (place % rowsOfTurn === 0 && turns.due) await turns.give();
      learner.learn(order[place] ?? 0);
    }
    epochs += 1;
    if (!learner.at.every((weight) => Number.isFinite(weight)))
      throw new InvalidInputError(
        `the coefficients overflowed in epoch ${epochs}: scale the columns, or make the steps shorter`,
      );
    const objective = learner.objective / order.length;
    problem.onEpoch(epochs, objective);
    const reached = held ? -problem.score(learner.at) : objective;
    withoutChange = reached > best - tol ? withoutChange + 1 : 0;
    best = Math.min(best, reached);
    if (withoutChange < nIterNoChange) continue;
    converged = !learner.slowDown();
    withoutChange = 0;
  }
  const isAveraged = average > 0 && average <= epochs * order.length;
  return { at: isAveraged ? learner.averages : learner.at, iterations: epochs, converged };
}

/** Coefficients that learn from a row at a time. */
class Learner {
  readonly at: Float64Array;
  readonly averages: Float64Array;
  /** The sum of objectives at the rows so far, before each was learnt from. */
  objective = 0;
  readonly #problem: DescentProblem;
  readonly #settings: DescentSettings;
  readonly #l1Ratio: number;
  readonly #alpha: number;
  /** The penalty that each coefficient has had, of the whole that it should have had. */
  readonly #applied: Float64Array;
  #whole = 0;
  #step = 1;
  #rate: number;
  readonly #optimalStart: number;
  #squares = 0;
  #magnitudes = 0;

  constructor(problem: DescentProblem, settings: DescentSettings) {
    const width = problem.matrix.columns.length;
    this.at = new Float64Array(width + 1);
    this.averages = new Float64Array(settings.average > 0 ? width + 1 : 0);
    this.#applied = new Float64Array(width);
    this.#problem = problem;
    this.#settings = settings;
    this.#rate = settings.eta0;
    this.#alpha = settings.l1Ratio === undefined ? 0 : settings.alpha;
    this.#l1Ratio = settings.l1Ratio ?? 0;
    const typical = Math.sqrt(1 / Math.sqrt(settings.alpha));
    const first = typical / Math.max(1, problem.loss.slope(-typical, 1));
    this.#optimalStart = 1 / (first * settings.alpha);
  }

  /** Shortens the steps where the schedule has that and they aren't short already. */
  slowDown(): boolean {
    if (this.#settings.learningRate !== "adaptive" || this.#rate <= leastRate) return false;
    this.#rate /= 5;
    return true;
  }

  learn(row: number): void {
    const { matrix, target, weights, loss } = this.#problem;
    const { at } = this;
    const { data } = matrix;
    const width = at.length - 1;
    const start = row * width;
    let margin = at[width] ?? 0;
    for (let j = 0; j < width; j++) margin += (at[j] ?? 0) * (data[start + j] ?? 0);
    const goal = target[row] ?? 0;
    const rate = this.#nextRate();
    this.objective +=
      loss.value(margin, goal) +
      this.#alpha * ((1 - this.#l1Ratio) * 0.5 * this.#squares + this.#l1Ratio * this.#magnitudes);
    const slope = Math.max(-steepest, Math.min(steepest, loss.slope(margin, goal)));
    const update = -rate * slope * (weights ? (weights[row] ?? 0) : 1);
    const keep = Math.max(0, 1 - (1 - this.#l1Ratio) * rate * this.#alpha);
    let squares = 0;
    let magnitudes = 0;
    for (let j = 0; j < width; j++) {
      const weight = (at[j] ?? 0) * keep + update * (data[start + j] ?? 0);
      at[j] = weight;
      squares += weight * weight;
      magnitudes += Math.abs(weight);
    }
    this.#squares = squares;
    this.#magnitudes = magnitudes;
    if (this.#settings.fitIntercept) at[width] = (at[width] ?? 0) + update;
    this.#average();
    if (this.#alpha > 0 && this.#l1Ratio > 0) this.#shrink(rate);
    this.#step += 1;
  }

  #nextRate(): number {
    const { learningRate, eta0, powerT, alpha } = this.#settings;
    if (learningRate === "optimal") return 1 / (alpha * (this.#optimalStart + this.#step - 1));
    if (learningRate === "invscaling") return eta0 / this.#step ** powerT;
    return this.#rate;
  }

  #average(): void {
    const { average } = this.#settings;
    if (average === 0 || this.#step < average) return;
    const count = this.#step - average + 1;
    for (let j = 0; j < this.averages.length; j++) {
      const mean = this.averages[j] ?? 0;
      this.averages[j] = mean + ((this.at[j] ?? 0) - mean) / count;
    }
  }

  /** Moves coefficients towards 0, not past it, by the penalty that they haven't had yet. */
  #shrink(rate: number): void {
    this.#whole += this.#l1Ratio * rate * this.#alpha;
    let magnitudes = 0;
    for (let j = 0; j < this.#applied.length; j++) {
      const before = this.at[j] ?? 0;
      const applied = this.#applied[j] ?? 0;
      let after = before;
      if (before > 0) after = Math.max(0, before - (this.#whole + applied));
      else if (before < 0) after = Math.min(0, before + (this.#whole - applied));
      this.at[j] = after;
      this.#applied[j] = applied + (after - before);
      magnitudes += Math.abs(after);
    }
    this.#magnitudes = magnitudes;
  }
}
