/** @file Both searches find the same as a plain sort of all distances, equal distances and equal rows included. */
import assert from "node:assert/strict";
import { EveryPair } from "../../../ml/distances/every-pair.ts";
import { KdTree } from "../../../ml/distances/kd-tree.ts";
import { kNeighborsClassifier } from "../../../ml/neighbours/index.ts";
import { Random } from "../../../ml/random.ts";
import { Turns } from "../../../ml/turns.ts";
import { assertSameAsOnnx } from "../run-model.ts";

/** Rows of few different numbers, so that many distances are equal. */
function gridRows(random: Random, count: number, width: number): Float64Array {
  return Float64Array.from({ length: count * width }, () => Math.floor(random.uniform() * 6));
}

function distance(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  width: number,
  manhattan: boolean,
): number {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    const difference = Math.abs((a[i * width + column] ?? 0) - (b[j * width + column] ?? 0));
    sum += manhattan ? difference : difference ** 2;
  }
  return sum;
}

describe("searches of near rows", () => {
  for (const manhattan of [false, true])
    for (const [count, width] of [
      [1, 1],
      [7, 2],
      [700, 1],
      [1300, 3],
      [530, 7],
    ] as const)
      it(`${count} rows of ${width}, ${manhattan ? "manhattan" : "euclidean"}`, async () => {
        const random = new Random(count);
        const rows = gridRows(random, count, width);
        const queries = gridRows(random, 70, width);
        const k = Math.min(9, count);
        const radius = manhattan ? 3 : 5;
        for (const search of [
          new KdTree(rows, count, width, manhattan),
          new EveryPair(rows, count, width, manhattan),
        ]) {
          const { places, distances } = await search.nearest(queries, 70, k, new Turns());
          const near = Array.from({ length: 70 }, () => new Array<number>());
          await search.within(queries, 70, radius, new Turns(), (query, places, found) =>
            near[query]?.push(...places.subarray(0, found)),
          );
          for (let query = 0; query < 70; query++) {
            const all = Array.from({ length: count }, (_, row) => ({
              row,
              far: distance(queries, query, rows, row, width, manhattan),
            })).sort((a, b) => a.far - b.far || a.row - b.row);
            const list = [query * k, (query + 1) * k] as const;
            assert.deepEqual(
              Array.from(places.subarray(...list)),
              all.slice(0, k).map(({ row }) => row),
            );
            assert.deepEqual(
              Array.from(distances.subarray(...list)),
              all.slice(0, k).map(({ far }) => far),
            );
            assert.deepEqual(
              near[query]?.sort((a, b) => a - b),
              all.flatMap(({ row, far }) => (far <= radius ? [row] : [])).sort((a, b) => a - b),
            );
          }
        }
      });

  for (const [offset, size] of [
    [0, 1],
    [1e6, 1e-3],
    [-5, 1e-25],
    [0, 1e-170],
    [0, 1e12],
    [0, 1e19],
    [1e30, 1e140],
  ] as const)
    it(`rows at ${offset} of size ${size} are found although they are screened in single precision`, async () => {
      const random = new Random(7);
      const [count, width, k] = [900, 9, 6];
      const numbers = (): Float64Array =>
        Float64Array.from({ length: count * width }, () => offset + size * random.normal());
      const [rows, queries] = [numbers(), numbers()];
      for (const manhattan of [false, true]) {
        const search = new EveryPair(rows, count, width, manhattan);
        const { places } = await search.nearest(queries, 20, k, new Turns());
        for (let query = 0; query < 20; query++) {
          const all = Array.from({ length: count }, (_, row) => ({
            row,
            far: distance(queries, query, rows, row, width, manhattan),
          })).sort((a, b) => a.far - b.far || a.row - b.row);
          assert.deepEqual(
            Array.from(places.subarray(query * k, (query + 1) * k)),
            all.slice(0, k).map(({ row }) => row),
          );
        }
      }
    });

  it("searches at the same time don't disturb each other", async () => {
    const random = new Random(11);
    const [count, width] = [8000, 40];
    const rows = Float64Array.from({ length: count * width }, () => random.normal());
    for (const [search, of] of [
      [new EveryPair(rows, count, width, false), width],
      [new KdTree(rows, (count * width) / 4, 4, false), 4],
    ] as const) {
      const queries = [0, 1, 2].map((part) => rows.slice(part * 1000 * of, (part * 1000 + 200) * of));
      const alone: Int32Array[] = [];
      for (const each of queries) alone.push((await search.nearest(each, 200, 3, new Turns())).places);
      const together = await Promise.all(
        queries.map(async (each) => (await search.nearest(each, 200, 3, new Turns())).places),
      );
      assert.deepEqual(together, alone);
    }
  });

  it("equal rows of several classes count alike in the ONNX model", async () => {
    const random = new Random(3);
    const data = Float32Array.from(gridRows(random, 300, 3));
    const rows = { data, rows: 300, columns: ["a", "b", "c"] };
    const target = Array.from({ length: 300 }, () => Math.floor(random.uniform() * 4));
    for (const metric of ["euclidean", "manhattan"] as const)
      for (const weights of ["uniform", "distance"] as const) {
        const model = await kNeighborsClassifier({ nNeighbors: 4, metric, weights }).fit(rows, target);
        await assertSameAsOnnx(model, rows);
      }
  });
});
