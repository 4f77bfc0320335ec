/**
 * @file The compiled kernels (`kernels/*.as.ts`) bound to a memory. All addresses are bytes; what the tables hold stands
 * with the kernels' sources, and `program.ts` writes them.
 */
import { readFileSync } from "node:fs";

type Address = number;

/** Turns a chunk's rows into places; see `kernels/place.as.ts`. */
type Place = (
  rows: Address,
  count: number,
  width: number,
  table: Address,
  features: number,
  zero: number,
) => void;
type PlaceSets = (rows: Address, count: number, width: number, table: Address, sets: number) => void;
/** Adds the trees' leaves to the sums; see `kernels/trees.as.ts`. */
type Predict = (trees: Address, treeCount: number, count: number, sums: Address, stride: number) => void;

/** Adds one row's leaves to its sums; see `kernels/row.as.ts`. */
type WalkRow = (
  trees: Address,
  treeCount: number,
  row: Address,
  setTable: Address,
  sets: number,
  zero: number,
  width: number,
) => void;

/** The exports of the module. */
export interface PredictorKernels {
  readonly place32to8: Place;
  readonly place32to16: Place;
  readonly place32to32: Place;
  readonly place64to8: Place;
  readonly place64to16: Place;
  readonly place64to32: Place;
  readonly placeSets32to8: PlaceSets;
  readonly placeSets32to16: PlaceSets;
  readonly placeSets32to32: PlaceSets;
  readonly placeSets64to8: PlaceSets;
  readonly placeSets64to16: PlaceSets;
  readonly placeSets64to32: PlaceSets;
  readonly predict8: Predict;
  readonly predict16: Predict;
  readonly predict32: Predict;
  readonly walkRow32: WalkRow;
  readonly walkRow64: WalkRow;
}

/** Kernels with the memory that they work on. */
export interface BoundKernels {
  readonly kernels: PredictorKernels;
  readonly memory: ArrayBuffer;
}

let compiled: WebAssembly.Module | undefined;

const pageSize = 65_536;

/** The kernels on a memory of at least so many bytes, filled with zeros. Throws the engine's RangeError where it gets none. */
export function bindKernels(bytes: number): BoundKernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)));
  const pages = Math.ceil(bytes / pageSize);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  // SAFETY: the module is built with this file, from sources whose exports have these parameters.
  return { kernels: exports as unknown as PredictorKernels, memory: memory.buffer };
}
