/** @file Fits `randomForestClassifier()` to a file of rows: FILE ROWS WIDTH TREES; times in ms, memory in MiB. */
import { readFileSync } from "node:fs";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { randomForestClassifier } from "../../../ml/trees/index.ts";

const [file = "", ...counts] = process.argv.slice(2);
const [rows = 0, width = 0, nEstimators = 0] = counts.map(Number);
const all = new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
const labels = all.subarray(2 * rows * width);
const columns = Array.from({ length: width }, (_, at) => `c${at}`);
const matrix = (from: number, to: number): DenseMatrix => ({
  data: all.subarray(from * width, to * width),
  rows: to - from,
  columns,
});

await randomForestClassifier({ nEstimators: 2 }).fit(matrix(0, 2000), labels.subarray(0, 2000));
const before = process.cpuUsage();
const started = performance.now();
const model = await randomForestClassifier({ nEstimators }).fit(matrix(0, rows), labels.subarray(0, rows));
const wall = performance.now() - started;
const fit = process.cpuUsage(before);
const peak = Number(/VmHWM:\s+(\d+)/u.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
const beforePrediction = process.cpuUsage();
const told = await model.predict(matrix(rows, 2 * rows));
const prediction = process.cpuUsage(beforePrediction);
const accuracy = told.filter((label, row) => label === labels[rows + row]).length / rows;
const outcome = {
  name: "Tenon",
  wall,
  cpu: (fit.user + fit.system) / 1000,
  predictCpu: (prediction.user + prediction.system) / 1000,
  peak,
  accuracy,
};
process.stdout.write(JSON.stringify(outcome));
