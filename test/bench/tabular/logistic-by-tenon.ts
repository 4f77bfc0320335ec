/** @file Fits `logisticRegression()` to a file of {@link writeRows}: FILE ROWS WIDTH; times in ms, memory in MiB. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { logisticRegression } from "../../../ml/linear/index.ts";

const [file = "", rowCount, columnCount] = process.argv.slice(2);
const rows = Number(rowCount);
const width = Number(columnCount);
const columns = Array.from({ length: width }, (_, at) => `c${at}`);
const data = new Float64Array(rows * width);
const target = new Float64Array(rows);
const opened = openSync(file, "r");
// A call reads less than 2 GiB.
for (const [array, from] of [[data, 0] as const, [target, data.byteLength] as const]) {
  const bytes = new Uint8Array(array.buffer);
  for (let at = 0; at < bytes.length; at += 2 ** 28)
    readSync(opened, bytes, at, Math.min(2 ** 28, bytes.length - at), from + at);
}
closeSync(opened);

const few = { data: data.subarray(0, 10_000 * width), rows: 10_000, columns };
await logisticRegression().fit(few, target.subarray(0, 10_000));
const cpuBefore = process.cpuUsage();
const started = performance.now();
const model = await logisticRegression().fit({ data, rows, columns }, target);
const wall = performance.now() - started;
const { user, system } = process.cpuUsage(cpuBefore);
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

const margins = await model.decisionFunction({ data, rows, columns });
let loss = 0;
for (const [row, margin] of margins.entries())
  loss += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, target[row] === 1 ? -margin : margin);
const penalty = model.coefficients.reduce((sum, weight) => sum + (weight * weight) / 2, 0);
const objective = (loss + penalty) / rows;
const { iterations } = model;
const outcome = { name: "Tenon", wall, cpu: (user + system) / 1000, peak, iterations, objective };
process.stdout.write(JSON.stringify(outcome));
