/** @file One measurement of ours, as a process: `ours.ts PARQUET THREADS`; prints a JSON object. */
import { openDatabase, sqlText, tableSource } from "../../../ml/data/index.ts";
import { flightsSuite } from "./flights-suite.ts";

const [path = "", threads = "1"] = process.argv.slice(2);

using database = await openDatabase({ threads: Number(threads) });
const started = performance.now();
const usedBefore = process.cpuUsage();
const result = await flightsSuite.validate(await tableSource(database, `FROM ${sqlText(path)}`));
const fromFile = performance.now() - started;
const used = process.cpuUsage(usedBefore);
const processor = (used.user + used.system) / 1000;
const peak = process.resourceUsage().maxRSS / 1024;

await database.run(`CREATE TABLE flights AS FROM ${sqlText(path)}`);
const table = await tableSource(database, "FROM flights");
const loaded = performance.now();
await flightsSuite.validate(table);
const inMemory = performance.now() - loaded;

const found = result.results.map(({ success, expectation_config: { type, kwargs }, result: details }) => {
  const { column, column_A: first, column_list: list, row_condition: condition } = kwargs;
  const names = Array.isArray(list) ? list : [column ?? first ?? ""];
  const subject = [type, ...names, ...(condition === undefined ? [] : ["if"])].join(" ");
  return [subject, [success, details.unexpected_count ?? null]] as const;
});
const measured = { version: "Tenon", fromFile, processor, inMemory, peak, found: Object.fromEntries(found) };
process.stdout.write(`${JSON.stringify(measured)}\n`);
