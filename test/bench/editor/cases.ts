/** @file What `npm run bench -- editor` measures. */
import type { BenchCase } from "../bench-row.ts";

const time = (name: string): BenchCase => ({ name, unit: "ms", better: "less" });
const memory = (name: string): BenchCase => ({ name, unit: "MiB", better: "less" });

export const cases = {
  activation: time("activation of the extension"),
  cold: time("click to first output, no kernel yet"),
  warm: time("click to first output, kernel runs"),
  firstLine: time("click to first printed line of a cell that goes on"),
  page: time("3M rows: far rows"),
  sort: time("3M rows: sort"),
  filter: time("3M rows: filter"),
  kernelPage: time("3M rows: far rows, kernel alone"),
  kernelSort: time("3M rows: sort, kernel alone"),
  kernelFilter: time("3M rows: filter, kernel alone"),
  kernelProfile: time("3M rows: profile of a column, kernel alone"),
  kernelMemory: memory("kernel, PSS, growth by cells 1-1,000"),
  kernelMemoryAgain: memory("kernel, PSS, growth by cells 1,001-2,000"),
  hostMemory: memory("extension host, PSS, growth by cells 1-1,000"),
  hostMemoryAgain: memory("extension host, PSS, growth by cells 1,001-2,000"),
} satisfies Readonly<Record<string, BenchCase>>;

export type CaseName = keyof typeof cases;

/** Notes one measured value. */
export type RecordValue = (name: CaseName, peer: string, value: number) => void;
