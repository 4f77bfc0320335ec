/** @file What XGBoost's library holds for a training, freed by `using`. */
import type { TrainingRows } from "../boosting/train.ts";
import { XgboostError } from "./errors.ts";
import type { XgboostLibrary } from "./library.ts";

/** How rows are read. */
export interface RowSettings {
  /** Whether each column holds categories. */
  readonly categorical: readonly boolean[];
  readonly threads: number;
}

/** Rows, targets and weights in the library's own layout. NaN is missing. */
export class NativeRows implements Disposable {
  readonly handle: bigint;
  readonly #library: XgboostLibrary;
  /** Held, so that the arrays stay while the library reads them by their addresses. */
  readonly #source: TrainingRows;

  private constructor(library: XgboostLibrary, source: TrainingRows, threads: number) {
    this.#library = library;
    this.#source = source;
    const { data, rows, columns } = source.rows;
    const config = `{"missing":NaN,"nthread":${threads}}`;
    const values = library.arrayInterface(data, [rows, columns.length]);
    this.handle = library.make("XGDMatrixCreateFromDense", values, config);
  }

  /** Reads the matrix where it stands; what is kept is the library's. */
  static create(
    library: XgboostLibrary,
    source: TrainingRows,
    { categorical, threads }: RowSettings,
  ): NativeRows {
    const native = new NativeRows(library, source, threads);
    try {
      native.#describe(categorical);
      return native;
    } catch (error) {
      native[Symbol.dispose]();
      throw error;
    }
  }

  #describe(categorical: readonly boolean[]): void {
    this.#set("label", this.#source.targets);
    if (this.#source.weights) this.#set("weight", this.#source.weights);
    if (!categorical.includes(true)) return;
    const types = categorical.map((isOne) => (isOne ? "c" : "q"));
    this.#library.call("XGDMatrixSetStrFeatureInfo", this.handle, "feature_type", types, types.length);
  }

  #set(field: string, values: Float32Array): void {
    const described = this.#library.arrayInterface(values, [values.length]);
    this.#library.call("XGDMatrixSetInfoFromInterface", this.handle, field, described);
  }

  [Symbol.dispose](): void {
    this.#library.call("XGDMatrixFree", this.handle);
  }
}

/** A model in training. */
export class NativeBooster implements Disposable {
  readonly #library: XgboostLibrary;
  readonly #handle: bigint;

  private constructor(library: XgboostLibrary, handle: bigint) {
    this.#library = library;
    this.#handle = handle;
  }

  /** One without trees that knows the rows which it will be trained and measured on. */
  static create(
    library: XgboostLibrary,
    rows: readonly NativeRows[],
    parameters: Iterable<readonly [string, string]>,
  ): NativeBooster {
    const handles = rows.map(({ handle }) => handle);
    const booster = new NativeBooster(library, library.make("XGBoosterCreate", handles, handles.length));
    try {
      for (const [name, value] of parameters) library.call("XGBoosterSetParam", booster.#handle, name, value);
      return booster;
    } catch (error) {
      booster[Symbol.dispose]();
      throw error;
    }
  }

  /** Trains a round, from 0. */
  update(round: number, rows: NativeRows): void {
    this.#library.call("XGBoosterUpdateOneIter", this.#handle, round, rows.handle);
  }

  /** The metric on rows after a round. */
  evaluate(round: number, rows: NativeRows): number {
    const out: unknown[] = [null];
    this.#library.call("XGBoosterEvalOneIter", this.#handle, round, [rows.handle], ["rows"], 1, out);
    // As in "[3]\trows-rmse:0.25".
    const written = /:(\S+)$/u.exec(String(out[0]).trim())?.[1];
    if (written === undefined) throw new XgboostError(`XGBoost tells no loss: ${String(out[0])}`);
    return numberOf(written);
  }

  /** A model of the first rounds only. */
  first(rounds: number): NativeBooster {
    const handle = this.#library.make("XGBoosterSlice", this.#handle, 0, rounds, 1);
    return new NativeBooster(this.#library, handle);
  }

  /** The model as UBJSON. */
  save(): Uint8Array {
    const length: unknown[] = [0];
    const out: unknown[] = [null];
    this.#library.call("XGBoosterSaveModelToBuffer", this.#handle, '{"format":"ubj"}', length, out);
    return this.#library.bytes(out[0], length[0]);
  }

  [Symbol.dispose](): void {
    this.#library.call("XGBoosterFree", this.#handle);
  }
}

/** C++ writes what is no finite number in its own words. */
function numberOf(text: string): number {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  return text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
}
