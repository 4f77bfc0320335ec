/**
 * @file Gradient boosting: rounds of trees, each grown on the gradients of the objective at the scores so far (Chen and
 * Guestrin, "XGBoost: a scalable tree boosting system", 2016).
 *
 * Everything is in one memory that is let go at the end. Gradients are rounded so that sums are exact; so the same rows,
 * settings and seed give the same forest, bit for bit, in whatever order sums are made.
 */
import { availableParallelism } from "node:os";
import type { DenseMatrix } from "../../dense-matrix.ts";
import { stepReporter } from "../../fit-observer.ts";
import { Random } from "../../random.ts";
import { Turns } from "../../turns.ts";
import type { Forest } from "../forest.ts";
import { allowedFeatures } from "./allowed-features.ts";
import { binRows, padded, type BinnedRows } from "./binned-rows.ts";
import { Crew } from "./crew.ts";
import { BoostingDivergedError } from "./errors.ts";
import { findBins } from "./feature-bins.ts";
import { ForestBuilder } from "./forest-builder.ts";
import type { GrownTree } from "./grown-tree.ts";
import type { Pointer } from "./kernels.ts";
import { TrainingMemory } from "./memory.ts";
import type { Objective, PairPlaces, Scored } from "./objectives/objective.ts";
import { RoundsDisplay } from "./rounds-display.ts";
import { checkEarlyStopping, columnOf, directionsOf, type BoostingSettings } from "./settings.ts";
import { TreeGrower } from "./tree-grower.ts";

/** Rows with what is to be learnt. */
export interface TrainingRows {
  readonly rows: DenseMatrix;
  readonly targets: Float32Array;
  readonly weights: Float32Array | undefined;
}

/** What is trained. */
export interface TrainingTask extends TrainingRows {
  readonly objective: Objective;
  readonly settings: BoostingSettings;
  readonly validation: TrainingRows | undefined;
  /** The objective of the validation's rows where it looks at more than scores and targets. */
  readonly validationObjective?: Objective | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a training gave. */
export interface Trained {
  readonly forest: Forest;
  /** The validation's loss after each round; empty without one. */
  readonly validationLosses: readonly number[];
  /** How many rounds the forest has. */
  readonly rounds: number;
}

/**
 * Trains a forest.
 * @throws InvalidInputError for values that cannot be binned, or more than a memory holds
 * @throws {@link BoostingDivergedError} when scores are no longer finite
 */
export async function train(task: TrainingTask): Promise<Trained> {
  const { rows, weights, objective, settings, validation } = task;
  checkEarlyStopping(settings, validation);
  const turns = new Turns(task.signal);
  const memory = new TrainingMemory();
  const columns = rows.columns;
  const categoricalNames = new Set(
    settings.categoricalFeatures.map((name) => columnOf(columns, name, "categoricalFeatures")),
  );
  const directions = directionsOf(columns, settings);
  const categorical = columns.map((_, column) => categoricalNames.has(column));
  // Threads take as long to start as bins to be found.
  const starting = Crew.start(memory, threadsFor(task));
  // Whoever awaits it below is told; until then nobody listens.
  starting.catch(() => undefined);
  const features = await findBins(
    memory,
    rows,
    { maxBins: settings.maxBins, categorical, weights },
    turns,
  ).catch(async (error: unknown) => {
    await starting.then(
      (crew) => crew[Symbol.dispose](),
      () => undefined,
    );
    throw error;
  });
  using crew = await starting;
  const work = { memory, crew };
  const binned = await binRows(work, rows, features, true, turns);
  const base = objective.base(task.targets, weights);
  const own = new ScoredRows(memory, binned, task, base);
  const other =
    validation &&
    new ScoredRows(memory, await binRows(work, validation.rows, features, false, turns), validation, base);
  const monotone = features.map(({ column }) => directions[column] ?? 0);
  const grower = new TreeGrower(memory, crew, binned, features, monotone, settings);
  const random = new Random(settings.seed);
  const nextAllowed = allowedFeatures(features, columns, settings, random);
  const builder = new ForestBuilder(features);
  const order = memory.reserve(4 * rows.rows + 64);
  const pairBytes = 8 * padded(rows.rows, 16);
  const pairs = memory.reserve(pairBytes * objective.outputs);
  const places: PairPlaces = { ...own.places, pairs, pairBytes };
  const roundingBits = 52 - Math.ceil(Math.log2(rows.rows + 1));
  const losses: number[] = [];
  let best = 0;
  using display = new RoundsDisplay(settings.nEstimators, objective.metric);
  const report = stepReporter();
  while (builder.trees < settings.nEstimators * objective.outputs) {
    objective.writePairs(work, places);
    for (let output = 0; output < objective.outputs; output++) {
      const pairsHere = pairs + output * pairBytes;
      if (memory.kernels.roundPairs(pairsHere, padded(rows.rows, 4), roundingBits) === 0)
        throw new BoostingDivergedError(
          `after ${builder.trees / objective.outputs} rounds the gradients are no longer finite: a smaller learningRate or maxDeltaStep helps`,
        );
      const count = sampleRows(memory, order, rows.rows, settings.subsample, random);
      const isAll = settings.subsample === 1;
      const growth = { pairs: pairsHere, rows: order, count, isAll, allowed: nextAllowed() };
      const tree = await grower.grow(growth, turns);
      if (objective.leafValue)
        refit(tree, memory.uint32(order, count), own.scored, objective.leafValue, settings);
      if (isAll) own.addLeaves(tree, order, output);
      else own.addTree(tree, output);
      other?.addTree(tree, output);
      builder.add(tree, output);
    }
    const round = builder.trees / objective.outputs;
    if (other) {
      const loss = (task.validationObjective ?? objective).loss(other.scored);
      losses.push(loss);
      report?.({ [`validation_${objective.metric}`]: loss }, round);
      if (loss < (losses[best] ?? Number.POSITIVE_INFINITY)) best = round - 1;
    }
    display.round(round, losses.at(-1), () => objective.loss(own.scored));
    if (turns.due) await turns.give();
    const { earlyStoppingRounds } = settings;
    if (other && earlyStoppingRounds > 0 && round - 1 - best >= earlyStoppingRounds) break;
  }
  display.finish();
  const rounds = other && settings.earlyStoppingRounds > 0 ? best + 1 : builder.trees / objective.outputs;
  const forest = builder.build(rounds * objective.outputs, columns, base, objective.link);
  return { forest, validationLosses: losses, rounds };
}

/** Fewer values are the work of one thread where the number is left to us: starting others takes longer than they save. */
const valuesWorthSharing = 4_000_000;
const mostThreads = 8;

function threadsFor({ rows: { data }, settings: { threads } }: TrainingTask): number {
  if (threads > 0) return threads;
  return data.length < valuesWorthSharing ? 1 : Math.min(mostThreads, availableParallelism());
}

/** Rows in the memory with their scores so far. */
class ScoredRows {
  readonly places: Omit<PairPlaces, "pairs" | "pairBytes">;
  readonly scored: Scored;
  readonly #memory: TrainingMemory;
  readonly #binned: BinnedRows;

  constructor(
    memory: TrainingMemory,
    binned: BinnedRows,
    { targets, weights }: TrainingRows,
    base: Float64Array,
  ) {
    const count = padded(binned.rows, 4);
    const scoreBytes = 4 * padded(binned.rows, 16);
    const scores = memory.reserve(scoreBytes * base.length);
    const store = (values: Float32Array): Pointer => {
      const pointer = memory.reserve(scoreBytes);
      memory
        .float32(pointer, scoreBytes / 4)
        .fill(0)
        .set(values);
      return pointer;
    };
    this.#memory = memory;
    this.#binned = binned;
    this.places = {
      scores,
      scoreBytes,
      targets: store(targets),
      weights: weights ? store(weights) : 0,
      count,
    };
    this.scored = {
      scores: Array.from(base, (value, output) => {
        memory.float32(scores + output * scoreBytes, scoreBytes / 4).fill(value);
        return memory.float32(scores + output * scoreBytes, binned.rows);
      }),
      targets,
      weights,
    };
  }

  /** Adds a tree to rows that its growth has put in order. */
  addLeaves({ nodes }: GrownTree, order: Pointer, output: number): void {
    const scores = this.places.scores + output * this.places.scoreBytes;
    for (const { split, begin, count, value } of nodes)
      if (!split) this.#memory.kernels.addToRows(scores, order + 4 * begin, count, value);
  }

  /** Adds a tree to any rows. */
  addTree({ nodes, tables }: GrownTree, output: number): void {
    const memory = this.#memory;
    const scores = this.places.scores + output * this.places.scoreBytes;
    const at = memory.reserve(16 * nodes.length);
    const tablesAt = memory.reserve(tables.length);
    const numbers = memory.uint32(at, 4 * nodes.length);
    const values = memory.float32(at, 4 * nodes.length);
    for (const [place, { split, left, right, value }] of nodes.entries()) {
      numbers[4 * place] = split?.feature ?? 0;
      numbers[4 * place + 1] = split ? left : 0;
      numbers[4 * place + 2] = right;
      values[4 * place + 3] = value;
    }
    memory.bytes(tablesAt, tables.length).set(tables);
    const { rowBins, stride, rows } = this.#binned;
    memory.kernels.addTree(at, tablesAt, rowBins, stride, rows, scores);
    memory.release(at);
  }
}

/** Writes the numbers of a tree's rows; gives how many there are. Each row is drawn by itself, as in XGBoost. */
function sampleRows(
  memory: TrainingMemory,
  order: Pointer,
  rows: number,
  share: number,
  random: Random,
): number {
  if (share === 1) {
    memory.kernels.numberRows(order, 0, rows);
    return rows;
  }
  const numbers = memory.uint32(order, rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (random.uniform() < share) numbers[count++] = row;
  if (count > 0) return count;
  numbers[0] = Math.floor(random.uniform() * rows);
  return 1;
}

/** Gives each leaf the value that the objective finds for its rows. */
function refit(
  { nodes }: GrownTree,
  order: Uint32Array,
  scored: Scored,
  leafValue: NonNullable<Objective["leafValue"]>,
  { learningRate }: BoostingSettings,
): void {
  for (const node of nodes) {
    if (node.split) continue;
    const rows = order.subarray(node.begin, node.begin + node.count);
    node.value = Math.fround(leafValue(rows, scored) * learningRate);
  }
}
