/** @file How long the type check of a usual cell takes, after few and many executed cells. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CellProgram } from "../../cells/program/cell-program.ts";

const tenonRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The median and 95th percentile of one case. */
export interface CheckLatency {
  readonly case: string;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** A usual cell of about ten lines: it uses names of the cell before and defines some. */
export function usualCell(index: number): string {
  const before = index === 0 ? "[3, 1, 2]" : `sorted${(index - 1) % 20}`;
  const now = index % 20;
  switch (index % 4) {
    case 0:
      return `interface Row${now} { readonly id: number; readonly label: string }
function toRow${now}(id: number): Row${now} {
  return { id, label: \`row \${id}\` };
}
const values${now} = ${before}.map((value) => value * 2 + ${index});
const rows${now} = values${now}.map(toRow${now});
const sorted${now} = rows${now}.map((row) => row.id).sort((a, b) => a - b);
console.log(rows${now}.length, sorted${now}[0]?.toFixed(1));
rows${now}.filter((row) => row.label.includes("1"))`;
    case 1:
      return `const sum${now} = ${before}.reduce((total, value) => total + value, 0);
const mean${now} = sum${now} / ${before}.length;
let spread${now} = 0;
for (const value of ${before}) {
  spread${now} += (value - mean${now}) ** 2;
}
const sorted${now} = ${before}.filter((value) => value > mean${now} - spread${now});
const summary${now} = { sum: sum${now}, mean: mean${now}, spread: spread${now}, index: ${index} };
summary${now}`;
    case 2:
      return `class Counter${now}<T> {
  #counts = new Map<T, number>();
  add(value: T): this {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    return this;
  }
  entries(): [T, number][] { return [...this.#counts] }
}
const counter${now} = ${before}.reduce((counter, value) => counter.add(value), new Counter${now}<number>());
const sorted${now} = counter${now}.entries().map(([value]) => value + ${index});`;
    default:
      return `const text${now} = await Promise.resolve(${before}.join(","));
const parsed${now} = text${now}.split(",").map(Number);
const grouped${now} = Object.groupBy(parsed${now}, (value) => (value % 2 === 0 ? "even" : "odd"));
const even${now} = grouped${now}.even ?? [];
const odd${now} = grouped${now}.odd ?? [];
const sorted${now} = [...even${now}, ...odd${now}].sort((a, b) => a - b);
if (sorted${now}.length > 1000) {
  throw new Error(\`too many: \${sorted${now}.length} in cell ${index}\`);
}
({ even: even${now}, odd: odd${now} })`;
  }
}

/** Measures a usual cell after 1, 60 and 1,000 executed cells, and the smallest cell there is. */
export async function measure(repeats = 40): Promise<CheckLatency[]> {
  const directory = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const program = new CellProgram({
    directory,
    tenonRoot,
    globalsFile: join(tenonRoot, "kernel", "globals.d.ts"),
    libraryFile: join(tenonRoot, "dist/kernel/type-library/esnext.d.ts"),
  });
  const results: CheckLatency[] = [];
  try {
    let executed = 0;
    for (const count of [1, 60, 1000]) {
      for (; executed < count; executed += 1) {
        const source = usualCell(executed);
        const errors = await program.check(source);
        if (errors.some(({ severity }) => severity === "error"))
          throw new Error(`cell ${executed}: ${errors[0]?.message}`);
        program.commit(source);
      }
      while (await program.settle());
      const usual: number[] = [];
      const smallest: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        usual.push(await timed(program, usualCell(executed + repeat * 20)));
        smallest.push(await timed(program, `1 + ${repeat}`));
      }
      results.push(
        latency(`usual cell after ${count} cells`, usual),
        latency(`1 + 1 after ${count} cells`, smallest),
      );
      const sequence: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat += 1, executed += 1) {
        sequence.push(await timed(program, usualCell(executed)));
        program.commit(usualCell(executed));
      }
      results.push(latency(`cells run without a pause after ${count} cells`, sequence));
    }
  } finally {
    await program.dispose();
    rmSync(directory, { recursive: true, force: true });
  }
  return results;
}

async function timed(program: CellProgram, source: string): Promise<number> {
  const start = performance.now();
  await program.check(source);
  return performance.now() - start;
}

/** The median and 95th percentile of times in milliseconds. */
export function latency(name: string, times: readonly number[]): CheckLatency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { case: name, medianMs: at(0.5), p95Ms: at(0.95) };
}
