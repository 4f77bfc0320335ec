/** @file `FILE LIMIT`: aggregates a file of the shape that `tables.ts` makes within a limit of memory; prints what it found. */
import { readFileSync } from "node:fs";
import { col, count, max, openDatabase, read, sum } from "../../ml/data/index.ts";

const [file = "", memoryLimit = ""] = process.argv.slice(2);
using database = await openDatabase({ memoryLimit });
const table = await read(file, { database });
const groups = table.groupBy("k").aggregate({
  rows: count(),
  a: sum(col("a")),
  b: sum(col("b")),
  c: sum(col("c")),
  d: max(col("d")),
  e: sum(col("e")),
  f: sum(col("f")),
});
const [found] = await groups
  .aggregate({
    groups: count(),
    rows: sum(col("rows")),
    a: sum(col("a")),
    b: sum(col("b")),
    c: sum(col("c")),
    d: max(col("d")),
    e: sum(col("e")),
    f: sum(col("f")),
  })
  .rows();
const answers = Object.fromEntries(Object.entries(found ?? {}).map(([name, value]) => [name, Number(value)]));
// Not maxRSS: that begins with what the process held that started this one.
const peak = Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
process.stdout.write(`${JSON.stringify({ answers, peak })}\n`);
