/** @file Groups, neighbours and kernel machines of a file of rows: FILE ROWS WIDTH CENTERS; CPU times in ms. */
import { readFileSync } from "node:fs";
import { dbscan, gaussianMixture, kMeans } from "../../../ml/clusters/index.ts";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { svc } from "../../../ml/kernel-machines/index.ts";
import { kNeighborsRegressor } from "../../../ml/neighbours/index.ts";

const [file = "", rowCount, columnCount, centerCount] = process.argv.slice(2);
const rows = Number(rowCount);
const width = Number(columnCount);
const centers = Number(centerCount);
const bytes = readFileSync(file);
const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
const data = all.subarray(centers * width);
const parts: Record<string, { readonly cpu: number; readonly check: number }> = {};

async function time(part: string, run: () => Promise<number>): Promise<void> {
  const before = process.cpuUsage();
  const check = await run();
  const { user, system } = process.cpuUsage(before);
  parts[part] = { cpu: (user + system) / 1000, check };
}

/** The first columns of some rows. */
function some(from: number, to: number, columns: number): DenseMatrix {
  const part = new Float64Array((to - from) * columns);
  for (let row = from; row < to; row++)
    part.set(data.subarray(row * width, row * width + columns), (row - from) * columns);
  return { data: part, rows: to - from, columns: Array.from({ length: columns }, (_, at) => `c${at}`) };
}

const sum = (numbers: Float64Array | Int32Array): number => {
  let total = 0;
  for (const value of numbers) total += value;
  return total;
};
const targets = (matrix: DenseMatrix): Float64Array =>
  Float64Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * matrix.columns.length] ?? 0);
const whole = some(0, rows, width);
const init = Array.from({ length: centers }, (_, at) => [...all.subarray(at * width, (at + 1) * width)]);

await kMeans({ nClusters: 5 }).fit(some(0, 2000, width));
await time(`k-means, ${rows} x ${width}, ${centers} centers`, async () => {
  const model = await kMeans({ nClusters: centers, init, tol: 0, maxIter: 50 }).fit(whole);
  return model.inertia;
});
for (const columns of [3, width]) {
  const known = some(0, rows, columns);
  const asked = some(0, rows / 20, columns);
  const target = targets(known);
  await time(`5 neighbours, ${rows / 20} rows among ${rows} x ${columns}`, async () => {
    const model = await kNeighborsRegressor().fit(known, target);
    return sum(await model.predict(asked));
  });
}
const few = some(0, rows / 10, 3);
await time(`DBSCAN, ${few.rows} x 3`, async () => {
  const { labels, coreRows } = await dbscan({ eps: 0.3, minSamples: 8 }).fit(few);
  return sum(labels) + coreRows.length;
});
const tenth = some(0, rows / 10, width);
await time(`mixture of 5, ${tenth.rows} x ${width}`, async () => {
  const settings = { nComponents: 5, init: init.slice(0, 5), maxIter: 10, tol: 0 };
  return (await gaussianMixture(settings).fit(tenth)).lowerBound;
});
const known = some(0, rows / 20, width);
const classes = Array.from(targets(known), (value) => value > 0);
await time(`SVC, ${known.rows} x ${width}`, async () => {
  const model = await svc({ probability: false }).fit(known, classes);
  return Math.sqrt(sum((await model.decisionFunction(known)).map((value) => value * value)));
});
process.stdout.write(JSON.stringify({ name: "Tenon", parts }));
