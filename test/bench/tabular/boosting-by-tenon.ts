/** @file Boosts trees on a file of rows: FILE ROWS WIDTH CLASSES ROUNDS THREADS; times in ms, memory in MiB. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { gradientBoostingClassifier } from "../../../ml/trees/index.ts";

const [file = "", ...numbers] = process.argv.slice(2);
const [rows = 0, width = 0, classes = 0, nEstimators = 0, threads = 0] = numbers.map(Number);
const columns = Array.from({ length: width }, (_, at) => `c${at}`);
const data = new Float32Array(rows * width);
const target = new Float32Array(rows);
const opened = openSync(file, "r");
// A call reads less than 2 GiB.
for (const [array, from] of [[data, 0] as const, [target, data.byteLength] as const]) {
  const bytes = new Uint8Array(array.buffer);
  for (let at = 0; at < bytes.length; at += 2 ** 28)
    readSync(opened, bytes, at, Math.min(2 ** 28, bytes.length - at), from + at);
}
closeSync(opened);

const middle = Math.floor((rows * 4) / 5);
const few = { data: data.subarray(0, 1000 * width), rows: 1000, columns };
// Where there are cores for several, their number is left to us, as users have it: few rows are the work of one.
const estimator = gradientBoostingClassifier({ nEstimators, threads: threads > 1 ? 0 : 1 });
await estimator.with({ nEstimators: 2 }).fit(few, target.subarray(0, 1000));
const cpuBefore = process.cpuUsage();
const started = performance.now();
const model = await estimator.fit(
  { data: data.subarray(0, middle * width), rows: middle, columns },
  target.subarray(0, middle),
);
const wall = performance.now() - started;
const { user, system } = process.cpuUsage(cpuBefore);
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
const test = { data: data.subarray(middle * width), rows: rows - middle, columns };
const probabilities = await model.predictProbabilities(test);
let loss = 0;
for (let row = middle; row < rows; row++)
  loss -= Math.log(probabilities[(row - middle) * classes + (target[row] ?? 0)] ?? 0) / (rows - middle);
process.stdout.write(JSON.stringify({ name: "Tenon", wall, cpu: (user + system) / 1000, peak, loss }));
