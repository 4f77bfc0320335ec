/**
 * @file Batches of encoded rows as the inputs of a training graph.
 *
 * The arrays of a batch are used again for the next one: a batch is valid until then.
 */
import type { TensorData } from "../graph/index.ts";
import type { EncodedRows } from "./encoding.ts";

/** The name of the numeric input of a training graph. */
export const numericInput = "numeric columns";
/** The name of the labels input of a training graph. */
export const labelsInput = "labels";
/** The name of a categorical input of a training graph. */
export const categoryInput = (name: string): string => `category of ${name}`;

/** Fills batches with chosen rows. */
export class Batcher {
  readonly #rows: EncodedRows;
  readonly #labels: Float32Array;
  readonly #categoricalNames: readonly string[];
  readonly #width: number;
  readonly #numeric: Float32Array;
  readonly #categories: readonly BigInt64Array[];
  readonly #batchLabels: Float32Array;

  constructor(
    rows: EncodedRows,
    labels: Float32Array,
    categoricalNames: readonly string[],
    batchSize: number,
  ) {
    this.#rows = rows;
    this.#labels = labels;
    this.#categoricalNames = categoricalNames;
    this.#width = rows.rows === 0 ? 0 : rows.numeric.length / rows.rows;
    this.#numeric = new Float32Array(batchSize * this.#width);
    this.#categories = categoricalNames.map(() => new BigInt64Array(batchSize));
    this.#batchLabels = new Float32Array(batchSize);
  }

  /** The rows with these numbers, at most the batch size. */
  batch(rowNumbers: Uint32Array): Record<string, TensorData> {
    const count = rowNumbers.length;
    const inputs: Record<string, TensorData> = {
      [labelsInput]: { dtype: "float32", data: this.#batchLabels.subarray(0, count), shape: [count, 1] },
    };
    for (let index = 0; index < count; index++) {
      this.#batchLabels[index] = this.#labels[rowNumbers[index] ?? 0] ?? 0;
    }
    if (this.#width > 0) {
      this.#fillNumeric(rowNumbers);
      const data = this.#numeric.subarray(0, count * this.#width);
      inputs[numericInput] = { dtype: "float32", data, shape: [count, this.#width] };
    }
    for (const [index, name] of this.#categoricalNames.entries()) {
      const target = this.#categories[index];
      const source = this.#rows.categories[index];
      if (!target || !source) continue;
      fillCategories(target, source, rowNumbers);
      inputs[categoryInput(name)] = { dtype: "int64", data: target.subarray(0, count), shape: [count] };
    }
    return inputs;
  }

  #fillNumeric(rowNumbers: Uint32Array): void {
    const { numeric } = this.#rows;
    const width = this.#width;
    for (let index = 0; index < rowNumbers.length; index++) {
      const from = (rowNumbers[index] ?? 0) * width;
      const to = index * width;
      for (let column = 0; column < width; column++) this.#numeric[to + column] = numeric[from + column] ?? 0;
    }
  }
}

/** Category numbers are small and not negative: their low words are written, the high words stay 0 (little-endian). */
function fillCategories(target: BigInt64Array, source: Int32Array, rowNumbers: Uint32Array): void {
  const words = new Int32Array(target.buffer, target.byteOffset, target.length * 2);
  for (let index = 0; index < rowNumbers.length; index++)
    words[index * 2] = source[rowNumbers[index] ?? 0] ?? 0;
}
