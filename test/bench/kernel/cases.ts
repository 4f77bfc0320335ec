/** @file The cases of the kernel benchmark. */
import type { BenchCase } from "../bench-row.ts";

const ms = (name: string): BenchCase => ({ name, unit: "ms", better: "less" });

export const cases = {
  coldStart: ms("cold start to kernel_info"),
  firstResult: ms("cold start to first result"),
  memory: { name: "memory at idle, RSS of all processes", unit: "MiB", better: "less" },
  proportionalMemory: { name: "memory at idle, PSS of all processes", unit: "MiB", better: "less" },
  executeUnchecked: ms("execute 1+n, median (ours: %check off)"),
  executeUncheckedTail: ms("execute 1+n, p95 (ours: %check off)"),
  execute: ms("execute 1+n, median"),
  executeTail: ms("execute 1+n, p95"),
  longCell: ms("200-line cell, median"),
  pipelined: { name: "200 cells queued at once", unit: "1/s", better: "more" },
  pipelinedOrdered: { name: "200 cells queued, results before idle", unit: "cells", better: "more" },
  lines: ms("100,000 printed lines, until all are here"),
  linesReceived: { name: "100,000 printed lines, received", unit: "lines", better: "more" },
  linesOrdered: { name: "100,000 printed lines, before idle", unit: "lines", better: "more" },
  complete: ms("completion, median"),
  completeRight: { name: "completion, right", unit: "cases", better: "more" },
  inspect: ms("inspect, median"),
  inspectRight: { name: "inspect, right", unit: "cases", better: "more" },
  interruptLoop: ms("interrupt while (true) {}"),
  interruptRegex: ms("interrupt regex backtracking"),
  interruptWait: ms("interrupt Atomics.wait"),
  interruptAwait: ms("interrupt an await"),
} as const satisfies Record<string, BenchCase>;

export type CaseName = keyof typeof cases;
