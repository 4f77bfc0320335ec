/** @file The table that is profiled: 20 columns of numbers, categories, texts, dates and flags, some of them with gaps. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../../ml/data/database.ts";
import { sqlText } from "../../../ml/data/sql-text.ts";
import { repositoryRoot } from "../../support/repository.ts";

/** A number between 0 and 1 for each row and column, the same each time. */
const uniform = (column: number): string => `(hash(i, ${column}) % 1000003) / 1000003.0`;

const columns: Readonly<Record<string, string>> = {
  id: "i",
  small: `floor(${uniform(1)} * 11)::TINYINT`,
  medium: `floor(${uniform(2)} * 1000)::INTEGER`,
  wide: `floor(${uniform(3)} * 100000)::INTEGER`,
  large: `(hash(i, 4) % 1000000000)::BIGINT`,
  uniform: uniform(5),
  product: `${uniform(6)} * ${uniform(7)} * 100`,
  exponential: `-ln(${uniform(8)} + 1e-9)`,
  bell: `(${uniform(9)} + ${uniform(10)} + ${uniform(11)} - 1.5)::FLOAT`,
  related: `2 * ${uniform(5)} + ${uniform(12)}`,
  gaps: `CASE WHEN ${uniform(13)} < 0.1 THEN NULL ELSE ${uniform(14)} * 5 END`,
  holes: `CASE WHEN ${uniform(15)} < 0.3 THEN NULL ELSE -ln(${uniform(8)} + 1e-9) END`,
  letter: `chr(65 + floor(${uniform(16)} * 6)::INTEGER)`,
  group: `'group ' || floor(${uniform(17)} * 50)::INTEGER`,
  town: `CASE WHEN ${uniform(18)} < 0.05 THEN NULL ELSE 'town ' || floor(${uniform(19)} * 300)::INTEGER END`,
  session: `md5((hash(i, 20) % 100000)::VARCHAR)`,
  key: `md5(i::VARCHAR)`,
  flag: `${uniform(21)} < 0.3`,
  day: `DATE '2020-01-01' + floor(${uniform(22)} * 1000)::INTEGER`,
  moment: `TIMESTAMP '2020-01-01' + INTERVAL 1 SECOND * floor(${uniform(23)} * 1e6)`,
};

/** The Parquet file of so many rows, made once. */
export async function mixedTable(rows: number): Promise<string> {
  const folder = join(repositoryRoot, "build/bench");
  const file = join(folder, `mixed-${rows}.parquet`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const selected = Object.entries(columns).map(([name, expression]) => `${expression} AS "${name}"`);
  using database = await openDatabase();
  const unfinished = `${file}.part`;
  await database.run(
    `COPY (SELECT ${selected.join(", ")} FROM range(${rows}) t(i)) TO ${sqlText(unfinished)} (FORMAT parquet)`,
  );
  renameSync(unfinished, file);
  return file;
}
