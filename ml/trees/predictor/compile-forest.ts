/** @file Forests made ready to predict. */
import { InvalidInputError } from "../../errors.ts";
import { checkForest } from "../check-forest.ts";
import type { Forest } from "../forest.ts";
import { bindKernels, type BoundKernels } from "./kernels.ts";
import { applyLink } from "./link.ts";
import type { RowProgram } from "./row-program.ts";
import { writeProgram, type Program } from "./program.ts";
import { addLeaves } from "./walk-row.ts";

type Numbers = Float32Array | Float64Array;

/** Fewer rows are walked one by one: a chunk costs as much as so many. */
const fewestForChunks = 8;

const placeBits = { 1: 8, 2: 16, 4: 32 } as const;

/** A forest that is ready to predict; see {@link compileForest}. */
export class ForestPredictor {
  readonly forest: Forest;
  readonly #program: Program | undefined;
  readonly #binding: Binding = { program: undefined };
  /** How many trees add to each output. */
  readonly #divisors: Float64Array;

  /** @internal */
  constructor(forest: Forest) {
    this.forest = forest;
    this.#program = writeProgram(forest);
    this.#divisors = treesOfOutputs(forest);
  }

  /**
   * What the rows get, row-major: `count` by `forest.outputs` numbers, after the link. Nothing is allocated but, the first
   * time that there are many rows, the kernels' memory.
   * @param rows `count` rows, row-major; NaN is missing
   * @throws {@link InvalidInputError} where `rows` or `into` is too short
   */
  predict(rows: Numbers, count: number, into: Float64Array): void {
    const { featureNames, outputs, link } = this.forest;
    this.predictMargins(rows, count, into);
    if (link === "identity" || featureNames.length === 0) return;
    for (let row = 0; row < count; row++) applyLink(link, into, row * outputs, outputs);
  }

  /** As {@link predict}, before the link: the sums over the trees. */
  predictMargins(rows: Numbers, count: number, into: Float64Array): void {
    this.predictRange(rows, 0, count, into);
  }

  /** As {@link predictMargins}, of the rows from `first` on, `count` of them, to their places in `into`. */
  predictRange(rows: Numbers, first: number, count: number, into: Float64Array): void {
    const { featureNames, outputs } = this.forest;
    if (rows.length < (first + count) * featureNames.length || into.length < (first + count) * outputs)
      throw new InvalidInputError(
        `${first + count} rows need ${(first + count) * featureNames.length} numbers and ${(first + count) * outputs} places, not ${rows.length} and ${into.length}`,
      );
    if (this.#program && count >= fewestForChunks) this.#byKernels(this.#program, rows, first, count, into);
    else if (this.#program?.single)
      this.#oneByOne(this.#program, this.#program.single, rows, first, count, into);
    else this.#byWalking(rows, first, count, into);
  }

  #oneByOne(
    program: Program,
    single: RowProgram,
    rows: Numbers,
    first: number,
    count: number,
    into: Float64Array,
  ): void {
    const { featureNames, outputs, base, average, precision, zeroAsMissing = -1 } = this.forest;
    const width = featureNames.length;
    const bound = this.#binding.program ?? bind(this.#binding, program);
    const walkRow = bound.kernels[precision === "float32" ? "walkRow32" : "walkRow64"];
    const { values, sums } = (bound.views ??= viewsOf(bound, single, this.forest));
    for (let row = first; row < first + count; row++) {
      for (let at = 0; at < width; at++) values[at] = rows[row * width + at] ?? Number.NaN;
      for (let at = 0; at < outputs; at++) sums[at] = 0;
      walkRow(
        single.trees,
        single.treeCount,
        single.row,
        single.setTable,
        program.setCount,
        zeroAsMissing,
        width,
      );
      for (let at = 0; at < outputs; at++) {
        const sum = sums[at] ?? 0;
        into[row * outputs + at] = (base[at] ?? 0) + (average ? sum / (this.#divisors[at] ?? 1) : sum);
      }
    }
  }

  #byWalking(rows: Numbers, first: number, count: number, into: Float64Array): void {
    const { featureNames, outputs, base, average } = this.forest;
    for (let row = first; row < first + count; row++) {
      const to = row * outputs;
      for (let at = 0; at < outputs; at++) into[to + at] = 0;
      addLeaves(this.forest, rows, row * featureNames.length, into, to);
      for (let at = 0; at < outputs; at++) {
        const sum = into[to + at] ?? 0;
        into[to + at] = (base[at] ?? 0) + (average ? sum / (this.#divisors[at] ?? 1) : sum);
      }
    }
  }

  #byKernels(program: Program, rows: Numbers, first: number, count: number, into: Float64Array): void {
    const { featureNames, outputs, base, average, precision } = this.forest;
    const width = featureNames.length;
    const bound = this.#binding.program ?? bind(this.#binding, program);
    const { chunkRows } = program;
    const Values = precision === "float32" ? Float32Array : Float64Array;
    const values = new Values(bound.memory, program.rows, chunkRows * width);
    const sums = new Float64Array(bound.memory, program.sums, chunkRows * outputs);
    for (let start = first; start < first + count; start += chunkRows) {
      const size = Math.min(chunkRows, first + count - start);
      values.set(rows.subarray(start * width, (start + size) * width));
      sums.fill(0);
      this.#run(program, bound, size);
      for (let output = 0; output < outputs; output++) {
        const begin = base[output] ?? 0;
        const factor = average ? (this.#divisors[output] ?? 1) : 1;
        for (let row = 0; row < size; row++)
          into[(start + row) * outputs + output] = begin + (sums[output * chunkRows + row] ?? 0) / factor;
      }
    }
  }

  #run(program: Program, { kernels }: BoundKernels, count: number): void {
    const { rows, sums, chunkRows, treeTable, treeCount, placeBytes } = program;
    const width = this.forest.featureNames.length;
    const kind = `${this.forest.precision === "float32" ? 32 : 64}to${placeBits[placeBytes]}` as const;
    kernels[`place${kind}`](
      rows,
      count,
      width,
      program.featureTable,
      program.featureCount,
      this.forest.zeroAsMissing ?? -1,
    );
    if (program.setCount > 0)
      kernels[`placeSets${kind}`](rows, count, width, program.setTable, program.setCount);
    kernels[`predict${placeBits[placeBytes]}`](treeTable, treeCount, count, sums, chunkRows * 8);
  }
}

/** A program in its memory, with what one row is looked at by. */
interface BoundProgram extends BoundKernels {
  views?: RowViews;
}

interface RowViews {
  readonly values: Numbers;
  readonly sums: Float64Array;
}

function viewsOf(
  { memory }: BoundKernels,
  { row, sums }: RowProgram,
  { featureNames, outputs, precision }: Forest,
): RowViews {
  const Values = precision === "float32" ? Float32Array : Float64Array;
  return {
    values: new Values(memory, row, featureNames.length),
    sums: new Float64Array(memory, sums, outputs),
  };
}

/**
 * The predictors that have a memory, the last bound last: an engine reserves gigabytes of addresses for each, so only a few
 * may have one. None is kept alive for it.
 */
const bindings: WeakRef<Binding>[] = [];
const mostMemories = 8;

/** A predictor's memory, which it loses where others need theirs. */
interface Binding {
  program: BoundProgram | undefined;
}

function bind(binding: Binding, program: Program): BoundProgram {
  const loaded = load(program);
  binding.program = loaded;
  bindings.push(new WeakRef(binding));
  if (bindings.length > mostMemories) {
    const oldest = bindings.shift()?.deref();
    if (oldest) oldest.program = undefined;
  }
  return loaded;
}

function load(program: Program): BoundProgram {
  const bound = bindKernels(program.memoryBytes);
  const bytes = new Uint8Array(bound.memory);
  bytes.set(program.constants, program.constantsAt);
  for (let leaf = 0; leaf < 256; leaf++) {
    const at = program.leafNumbers + leaf * 16;
    for (let byte = 0; byte < 16; byte += program.placeBytes) bytes[at + byte] = leaf;
  }
  return bound;
}

function treesOfOutputs({ treeOutputs, outputs }: Forest): Float64Array {
  const counts = new Float64Array(outputs);
  for (const output of treeOutputs) {
    if (output >= 0) counts[output] = (counts[output] ?? 0) + 1;
    else for (let at = 0; at < outputs; at++) counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count) => Math.max(count, 1));
}

/**
 * Makes a forest ready to predict many rows in a row, or one at a time: checks it and writes the tables of the compiled
 * kernels, which are exact for any depth, missing values, sets of categories, float32 and float64 thresholds. A forest
 * that is too large for them is walked.
 * @throws {@link InvalidInputError} for what is no forest
 */
export function compileForest(forest: Forest): ForestPredictor {
  checkForest(forest);
  return new ForestPredictor(forest);
}

/** As {@link compileForest}, of a forest that `forestSchema` has read: that has checked it. */
export function compileCheckedForest(forest: Forest): ForestPredictor {
  return new ForestPredictor(forest);
}
