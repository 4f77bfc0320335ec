/** @file The code that the kernels run, the same work in each language. */
import type { KernelPeer } from "./kernel-peers.ts";

/** One piece of code in the languages of the kernels. */
export type Sample = Readonly<Record<KernelPeer["language"], string>>;

export const trivial: Sample = { typescript: "1+1", python: "1+1" };

export const lineCount = 100_000;

export const manyLines: Sample = {
  typescript: `for (let i = 0; i < ${lineCount}; i++) console.log("line " + i);`,
  python: `for i in range(${lineCount}): print("line " + str(i))`,
};

/** A cell of 200 lines of ordinary code: types, functions, loops. `seed` is a number in it, as if it was edited. */
export function longCell(language: KernelPeer["language"], seed: number): string {
  const parts: string[] = [];
  const blocks = 20;
  for (let block = 0; block < blocks; block++) {
    parts.push(language === "typescript" ? typescriptBlock(block, seed) : pythonBlock(block, seed));
  }
  return parts.join("\n");
}

function typescriptBlock(id: number, seed: number): string {
  return `interface Point${id} { x: number; y: number; label?: string }
function area${id}(points: readonly Point${id}[]): number {
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const a = points[i]!, b = points[(i + 1) % points.length]!;
    sum += a.x * b.y - b.x * a.y;
  }
  return Math.abs(sum) / 2;
}
const area${id}Of = area${id}([{ x: 0, y: 0 }, { x: ${seed}, y: 0, label: "east" }, { x: 0, y: 2 }]);`;
}

function pythonBlock(id: number, seed: number): string {
  return `def area${id}(points):
    total = 0
    for i in range(len(points)):
        a = points[i]
        b = points[(i + 1) % len(points)]
        total += a["x"] * b["y"] - b["x"] * a["y"]
    result = abs(total) / 2
    return result

area${id}_of = area${id}([{"x": 0, "y": 0}, {"x": ${seed}, "y": 0, "label": "east"}, {"x": 0, "y": 2}])`;
}

/** Cells that end only when they are interrupted. */
export const endless: Readonly<Record<"loop" | "regex" | "Atomics.wait" | "await", Sample>> = {
  loop: { typescript: "while (true) {}", python: "while True: pass" },
  regex: {
    typescript: `/^(a+)+$/.test("a".repeat(40) + "b");`,
    python: `import re\nre.match(r"^(a+)+$", "a" * 40 + "b")`,
  },
  "Atomics.wait": {
    typescript: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    python: "import threading\nthreading.Event().wait()",
  },
  await: {
    typescript: "await new Promise((resolve) => setTimeout(resolve, 600000));",
    python: "import asyncio\nawait asyncio.sleep(600)",
  },
};

export const keep: Sample = { typescript: "let kept = 42; kept", python: "kept = 42; kept" };
export const kept: Sample = { typescript: "kept + 1", python: "kept + 1" };
