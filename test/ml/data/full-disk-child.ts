/** @file Writes tables that are larger than this process may write, and one that is not. Prints what came of each. */
import { dirname, join } from "node:path";
import { openDatabase } from "../../../ml/data/index.ts";

// With a handler a write past the limit fails as on a full disk; without, the signal ends the process.
process.on("SIGXFSZ", () => {});
const [parquet = "", csv = ""] = process.argv.slice(2);
using database = await openDatabase({ threads: 1 });
const large = await database.table("SELECT md5(i::VARCHAR) AS t FROM range(200000) r(i)");
const results: string[] = [];
for (const write of [
  () => large.writeParquet(parquet),
  () => large.writeCsv(csv),
  () => large.writeArrow(parquet),
]) {
  results.push(
    await write().then(String, (error: unknown) => (error instanceof Error ? error.name : "no error")),
  );
}
results.push(String(await large.limit(10).writeParquet(join(dirname(parquet), "small.parquet"))));
process.stdout.write(`${results.join(" ")}\n`);
