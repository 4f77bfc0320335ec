/** @file Runs thousands of cells of every kind, and watches what the kernel's processes hold. */
import type { KernelClient } from "../../jupyter/client.ts";
import { within } from "../support/settle.ts";
import { type Holdings, holdings, kernelProcesses } from "./kernel-processes.ts";

type CellMaker = (index: number) => string;

/** Notebook life: names declared again and again, output, errors, timers, imports; the same few names stay alive. */
const kinds: readonly CellMaker[] = [
  (index) => `1 + ${index}`,
  (index) => `const number${index % 20}: number = ${index}; number${index % 20}`,
  (index) => `function twice${index % 10}(value: number) { return value * ${index}; }`,
  (index) =>
    `class Shape${index % 10} { constructor(readonly size = ${index}) {} area() { return this.size ** 2; } }`,
  (index) => `interface Row${index % 10} { name: string; value${index % 3}: number }`,
  (index) => `for (let i = 0; i < 20; i++) console.log("line", i, ${index});`,
  (index) => `display.html("<b>${index}</b>");`,
  (index) => `throw new Error("expected ${index}");`,
  (index) => `const wrong: string = ${index};`,
  (index) => `await new Promise((resolve) => setTimeout(resolve, 1)); ${index}`,
  (index) => `import { join } from "node:path"; join("a", "${index}")`,
  (index) => `[{ a: ${index}, b: "x" }, { a: 2, b: "y" }]`,
  (index) => `setTimeout(() => console.error("late ${index}"), 1); undefined`,
  (index) => `const buffer = new Float64Array(10_000).fill(${index}); buffer.length`,
  (index) => `const shown = display("first"); shown.update("${index}");`,
];

/** What the processes held after some number of cells. */
export interface Sample {
  readonly cells: number;
  readonly parent: Holdings;
  readonly child: Holdings;
  readonly checker: Holdings | undefined;
}

/** Runs `count` cells, with completions and inspections between, and samples after each `every` of them. */
export async function soak(client: KernelClient, count: number, every: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < count; index++) {
    const make = kinds[index % kinds.length];
    const code = make?.(index) ?? "";
    await within(client.execute(code).reply, 60_000, `cell ${index} got no reply: ${code}`);
    if (index % 10 === 0) await client.complete("Math.s");
    if (index % 25 === 0) await client.inspect("Math.sqrt");
    if ((index + 1) % every === 0) samples.push(sample(client, index + 1));
  }
  return samples;
}

function sample(client: KernelClient, cells: number): Sample {
  const { parent, child, checker } = kernelProcesses(client.pid ?? 0);
  if (child === undefined) throw new Error("the kernel's child is gone");
  return {
    cells,
    parent: holdings(parent),
    child: holdings(child),
    checker: checker === undefined ? undefined : holdings(checker),
  };
}
