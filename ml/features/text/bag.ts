/** @file Texts as sparse rows of numbers: one pass over each, whatever its terms are looked up in. */
import type { SparseMatrix } from "../../sparse-matrix.ts";

/** The features of one text: adds each of its terms' amount, as often as it occurs. */
export type AddTerms = (text: string, add: (feature: number, amount: number) => void) => void;

/** What becomes of a text's sums, in ascending order of their features: changed in place. */
export type Weigh = (values: Float64Array, features: Uint32Array) => void;

/** Makes a sparse row of each text. */
export function bagsOf(
  texts: readonly string[],
  columns: readonly string[],
  addTerms: AddTerms,
  weigh: Weigh,
): SparseMatrix {
  const width = columns.length;
  const sums = new Float64Array(width);
  const lastText = new Int32Array(width).fill(-1);
  const touched = new Uint32Array(width);
  const weighed = new Float64Array(width);
  const starts = new Uint32Array(texts.length + 1);
  let indexes = new Uint32Array(1024);
  let data = new Float32Array(1024);
  let end = 0;
  for (const [row, text] of texts.entries()) {
    let count = 0;
    addTerms(text, (feature, amount) => {
      if (lastText[feature] !== row) {
        lastText[feature] = row;
        sums[feature] = 0;
        touched[count++] = feature;
      }
      sums[feature] = (sums[feature] ?? 0) + amount;
    });
    const features = touched.subarray(0, count).sort();
    const values = weighed.subarray(0, count);
    for (let at = 0; at < count; at++) values[at] = sums[features[at] ?? 0] ?? 0;
    weigh(values, features);
    if (end + values.length > indexes.length) {
      const size = Math.max(2 * indexes.length, end + values.length);
      const grown = new Uint32Array(size);
      grown.set(indexes);
      indexes = grown;
      const grownData = new Float32Array(size);
      grownData.set(data);
      data = grownData;
    }
    indexes.set(features, end);
    data.set(values, end);
    end += values.length;
    starts[row + 1] = end;
  }
  return { rows: texts.length, columns, starts, indexes: indexes.slice(0, end), data: data.slice(0, end) };
}

/** How a row is scaled: to a sum of magnitudes of 1, to a sum of squares of 1, or not. */
export type Norm = "l1" | "l2" | "none";

/** Divides a row by its norm; a row of zeros stays. */
export function normalise(values: Float64Array, norm: Norm): void {
  if (norm === "none") return;
  const total =
    norm === "l1"
      ? values.reduce((sum, value) => sum + Math.abs(value), 0)
      : Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (total > 0) for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / total;
}
