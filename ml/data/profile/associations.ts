/** @file Which columns go together, and how closely. */
import type { ColumnRange } from "./column-range.ts";
import { hasSpread } from "./column-range.ts";
import { clamped, symmetricMatrix } from "./association-matrix.ts";
import { correlationRatios, cramersV } from "./category-associations.ts";
import { samplePearson } from "./pearson.ts";
import type { AssociationMatrix, Associations } from "./profile-data.ts";
import { spearman } from "./rank-correlation.ts";
import type { WorkingTable } from "./working-table.ts";

/** More numbers than this are correlated over the sample. */
const mostPearsonColumns = 40;
/** Numbers that are correlated at most; the first ones. */
const mostNumbers = 100;
const mostCategories = 30;
const mostLevels = 100;

/** The numbers that are correlated: those that differ. */
export function correlatedNumbers(ranges: readonly ColumnRange[]): readonly ColumnRange[] {
  return ranges.filter((range) => range.column.kind === "number" && hasSpread(range)).slice(0, mostNumbers);
}

/** Whether Pearson's correlations of so many columns are taken over all rows. */
export function isPearsonWhole(columns: number): boolean {
  return columns > 1 && columns <= mostPearsonColumns;
}

/** A column that may be a category, and how many values it has. */
export interface PossibleCategory {
  readonly range: ColumnRange;
  readonly distinct: number;
}

/** All associations; `pearson` where it is already known. */
export async function measureAssociations(
  table: WorkingTable,
  numbers: readonly ColumnRange[],
  possible: readonly PossibleCategory[],
  pearson: AssociationMatrix | undefined,
): Promise<Associations> {
  const categories = possible
    .filter(({ distinct }) => distinct > 1 && distinct <= mostLevels)
    .slice(0, mostCategories)
    .map(({ range }) => range.column);
  const names = categories.map(({ name }) => name);
  const sampled = table.isSampled ? { sampledRows: table.sampledRows } : {};
  const hasPairs = numbers.length > 1;
  return {
    ...(hasPairs ? { pearson: pearson ?? (await samplePearson(table, numbers)) } : {}),
    ...(hasPairs ? { spearman: { ...(await rankCorrelations(table, numbers)), ...sampled } } : {}),
    ...(categories.length > 1
      ? { cramersV: { columns: names, values: await cramersV(table, categories), ...sampled } }
      : {}),
    ...(categories.length > 0 && numbers.length > 0
      ? {
          correlationRatio: {
            categories: names,
            numbers: numbers.map(({ column }) => column.name),
            values: await correlationRatios(table, categories, numbers),
            ...sampled,
          },
        }
      : {}),
  };
}

async function rankCorrelations(
  table: WorkingTable,
  numbers: readonly ColumnRange[],
): Promise<AssociationMatrix> {
  const selected = numbers.map(({ column }) => `${column.number} AS ${column.id}`).join(", ");
  const schema = Object.fromEntries(numbers.map(({ column }) => [column.id, "float64" as const]));
  const columns = await table.database.columns(`SELECT ${selected} FROM ${table.sample}`, schema);
  const rho = spearman(numbers.map(({ column }) => columns[column.id] ?? new Float64Array()));
  return {
    columns: numbers.map(({ column }) => column.name),
    values: symmetricMatrix(numbers.length, (i, j) => clamped(rho(i, j))),
  };
}
