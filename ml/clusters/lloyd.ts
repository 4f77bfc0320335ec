/**
 * @file Lloyd's algorithm: rows go to the nearest center, centers to the mean of their rows, until nothing changes.
 *
 * Rows whose center can't change are not measured: bounds of their distances from the nearest center and from all others
 * tell (Hamerly, "Making k-means even faster", 2010). The result is that of measuring all.
 */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries } from "../distances/packed-rows.ts";
import type { Turns } from "../turns.ts";
import { CenterDistances } from "./center-distances.ts";

/** What is to be grouped, and when to stop. */
export interface LloydSettings {
  readonly weights: Float64Array | undefined;
  readonly maxIter: number;
  /** The sum of the centers' squared moves at which it ends. */
  readonly tolerance: number;
}

/** What Lloyd's algorithm ends with. */
export interface LloydResult {
  /** One after the other. */
  readonly centers: Float64Array;
  /** The center of each row. */
  readonly labels: Int32Array;
  /** The weighted sum of squared distances of rows from their centers. */
  readonly inertia: number;
  readonly iterations: number;
}

const rowsBetweenTurns = 4096;

/** Runs from centers on, which stay as they are; `turns` lets the event loop run. */
export async function lloyd(
  matrix: DenseMatrix,
  initial: Float64Array,
  settings: LloydSettings,
  turns: Turns,
): Promise<LloydResult> {
  const grouping = new Grouping(matrix, initial, settings.weights);
  let iterations = 0;
  let isSettled = false;
  while (iterations < settings.maxIter && !isSettled) {
    iterations++;
    const changed = await grouping.assign(turns);
    const moved = grouping.moveCenters();
    if (changed === 0) isSettled = true;
    else if (moved <= settings.tolerance) break;
  }
  if (!isSettled) await grouping.assign(turns);
  const { centers, labels } = grouping;
  return { centers, labels, inertia: grouping.inertia(), iterations };
}

class Grouping {
  centers: Float64Array;
  readonly labels: Int32Array;
  readonly #matrix: DenseMatrix;
  readonly #weights: Float64Array | undefined;
  readonly #width: number;
  readonly #count: number;
  readonly #measure: CenterDistances;
  /** At least as far is each row's center, and at most as far are all others. */
  readonly #upper: Float64Array;
  readonly #lower: Float64Array;
  /** Half the distance of each center from the nearest other one. */
  readonly #half: Float64Array;
  readonly #sums: Float64Array;
  readonly #totals: Float64Array;
  /** How many rows each center has, those without weight left out. */
  readonly #members: Int32Array;
  readonly #waiting = new Int32Array(mostQueries);

  constructor(matrix: DenseMatrix, initial: Float64Array, weights: Float64Array | undefined) {
    this.#matrix = matrix;
    this.#weights = weights;
    this.#width = matrix.columns.length;
    this.#count = initial.length / this.#width;
    this.#measure = new CenterDistances(this.#count, this.#width);
    this.centers = initial;
    this.#measure.place(initial);
    this.labels = new Int32Array(matrix.rows).fill(-1);
    this.#upper = new Float64Array(matrix.rows).fill(Infinity);
    this.#lower = new Float64Array(matrix.rows);
    this.#half = new Float64Array(this.#count);
    this.#sums = new Float64Array(initial.length);
    this.#totals = new Float64Array(this.#count);
    this.#members = new Int32Array(this.#count);
  }

  /** Gives each row its nearest center; tells how many changed. */
  async assign(turns: Turns): Promise<number> {
    const { rows } = this.#matrix;
    this.#measureCenters();
    const { labels } = this;
    const [upper, lower, half] = [this.#upper, this.#lower, this.#half];
    let changed = 0;
    let waiting = 0;
    for (let from = 0; from < rows; from += rowsBetweenTurns) {
      const to = Math.min(rows, from + rowsBetweenTurns);
      for (let row = from; row < to; row++) {
        const far = upper[row] ?? 0;
        // Infinity is the bound of what was never measured, and has no center yet.
        if (far < Infinity) {
          const label = labels[row] ?? 0;
          const bound = Math.max(half[label] ?? 0, lower[row] ?? 0);
          if (far <= bound) continue;
          const distance = Math.sqrt(this.#squared(row, label));
          upper[row] = distance;
          if (distance <= bound) continue;
        }
        this.#measure.take(waiting, this.#matrix, row);
        this.#waiting[waiting++] = row;
        if (waiting < mostQueries) continue;
        changed += this.#settle(waiting);
        waiting = 0;
      }
      if (turns.due) {
        changed += this.#settle(waiting);
        waiting = 0;
        await turns.give();
      }
    }
    return changed + this.#settle(waiting);
  }

  #squared(row: number, label: number): number {
    const width = this.#width;
    const { data } = this.#matrix;
    const { centers } = this;
    const end = (row + 1) * width;
    let sum = 0;
    for (let a = row * width, b = label * width; a < end; a++, b++) {
      const difference = (data[a] ?? 0) - (centers[b] ?? 0);
      sum += difference * difference;
    }
    return sum;
  }

  /** Measures the rows that wait, and gives them to their nearest centers. */
  #settle(waiting: number): number {
    const count = this.#count;
    this.#measure.findNearest(waiting, count);
    const { nearest, nearestDistances } = this.#measure;
    let changed = 0;
    for (let at = 0; at < waiting; at++) {
      const row = this.#waiting[at] ?? 0;
      const best = nearest[at] ?? 0;
      this.#upper[row] = Math.sqrt(nearestDistances[2 * at] ?? 0);
      this.#lower[row] = Math.sqrt(nearestDistances[2 * at + 1] ?? 0);
      const before = this.labels[row] ?? -1;
      if (best === before) continue;
      changed++;
      this.labels[row] = best;
      const weight = this.#weights ? (this.#weights[row] ?? 0) : 1;
      if (weight === 0) continue;
      if (before >= 0) {
        this.#add(row, before, -weight, this.#sums, this.#totals);
        this.#members[before] = (this.#members[before] ?? 0) - 1;
      }
      this.#add(row, best, weight, this.#sums, this.#totals);
      this.#members[best] = (this.#members[best] ?? 0) + 1;
    }
    return changed;
  }

  #add(row: number, to: number, weight: number, sums: Float64Array, totals: Float64Array): void {
    const width = this.#width;
    const { data } = this.#matrix;
    totals[to] = (totals[to] ?? 0) + weight;
    for (let a = row * width, b = to * width; a < (row + 1) * width; a++, b++)
      sums[b] = (sums[b] ?? 0) + weight * (data[a] ?? 0);
  }

  #measureCenters(): void {
    const count = this.#count;
    const centers: DenseMatrix = { data: this.centers, rows: count, columns: this.#matrix.columns };
    for (let first = 0; first < count; first += mostQueries) {
      const taken = Math.min(mostQueries, count - first);
      for (let at = 0; at < taken; at++) this.#measure.take(at, centers, first + at);
      const distances = this.#measure.measure(taken, count);
      for (let at = 0; at < taken; at++) {
        let least = Infinity;
        for (let other = 0; other < count; other++)
          if (other !== first + at) least = Math.min(least, distances[at * count + other] ?? 0);
        this.#half[first + at] = Math.sqrt(least) / 2;
      }
    }
  }

  /** Moves the centers to the means of their rows; tells the sum of squared moves. */
  moveCenters(): number {
    const width = this.#width;
    const [sums, totals] = this.#filled();
    const next = this.centers.slice();
    const moves = new Float64Array(this.#count);
    for (const [center, total] of totals.entries()) {
      if (!(total > 0)) continue;
      let move = 0;
      for (let at = center * width; at < (center + 1) * width; at++) {
        const mean = (sums[at] ?? 0) / total;
        move += (mean - (next[at] ?? 0)) ** 2;
        next[at] = mean;
      }
      moves[center] = Math.sqrt(move);
    }
    this.centers = next;
    this.#measure.place(next);
    this.#widen(moves);
    return moves.reduce((sum, move) => sum + move * move, 0);
  }

  /** Bounds hold on after centers have moved. */
  #widen(moves: Float64Array): void {
    const most = moves.reduce((most, move) => Math.max(most, move), 0);
    const farthest = moves.indexOf(most);
    const other = moves.reduce(
      (most, move, center) => (center === farthest ? most : Math.max(most, move)),
      0,
    );
    for (let row = 0; row < this.labels.length; row++) {
      const label = this.labels[row] ?? 0;
      this.#upper[row] = (this.#upper[row] ?? 0) + (moves[label] ?? 0);
      this.#lower[row] = (this.#lower[row] ?? 0) - (label === farthest ? other : most);
    }
  }

  /** Sums and weights of the centers' rows; a center without rows is given the one that is farthest from its own, as scikit-learn does. */
  #filled(): readonly [sums: Float64Array, totals: Float64Array] {
    const empty = Array.from(this.#members.keys()).filter((center) => this.#members[center] === 0);
    if (empty.length === 0) return [this.#sums, this.#totals];
    for (const center of empty) {
      // What rounding has left.
      this.#sums.fill(0, center * this.#width, (center + 1) * this.#width);
      this.#totals[center] = 0;
    }
    const [sums, totals] = [this.#sums.slice(), this.#totals.slice()];
    const distances = Float64Array.from(this.labels, (label, row) => this.#squared(row, label));
    const far = Array.from(distances.keys()).sort((a, b) => (distances[b] ?? 0) - (distances[a] ?? 0));
    for (const [at, center] of empty.entries()) {
      const row = far[at];
      if (row === undefined || !((distances[row] ?? 0) > 0)) break;
      const weight = this.#weights ? (this.#weights[row] ?? 0) : 1;
      this.#add(row, this.labels[row] ?? 0, -weight, sums, totals);
      this.#add(row, center, weight, sums, totals);
    }
    return [sums, totals];
  }

  inertia(): number {
    return this.labels.reduce(
      (sum, label, row) => sum + (this.#weights ? (this.#weights[row] ?? 0) : 1) * this.#squared(row, label),
      0,
    );
  }
}
