/** @file Statistics of a relation's columns, computed by DuckDB over all rows. */
import type { DuckDBMaterializedResult, JS } from "@duckdb/node-api";
import type { PageColumnProfile, PageProfileValue } from "../pageable.ts";
import { exactNumber } from "./query-result.ts";
import { findColumn, valueOf, type RelationColumn } from "./relation-sql.ts";

type Execute = (sql: string) => Promise<DuckDBMaterializedResult>;

const mostDistinct = 10_000;
const bins = 20;
const topValues = 10;
const points = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Examines the named columns of the rows that a query gives. */
export async function profileColumns(
  rows: string,
  columns: readonly RelationColumn[],
  names: readonly string[],
  execute: Execute,
): Promise<PageColumnProfile[]> {
  const profiles: PageColumnProfile[] = [];
  for (const name of names) profiles.push(await profileColumn(rows, findColumn(columns, name), execute));
  return profiles;
}

async function profileColumn(
  rows: string,
  column: RelationColumn,
  execute: Execute,
): Promise<PageColumnProfile> {
  const { name, type } = column;
  const value = type === "object" ? `${valueOf(column)}::VARCHAR` : valueOf(column);
  const source = `(SELECT ${value} AS v FROM (${rows}))`;
  const read = async (sql: string): Promise<readonly (readonly JS[])[]> =>
    (await (await execute(sql)).getRowsJS()).map((row) => row.map(exactNumber));
  const hasOrder = type !== "object" && type !== "boolean";
  const [counts] = await read(
    `SELECT count(*), count(v)${hasOrder ? ", min(v), max(v)" : ""} FROM ${source}`,
  );
  const [count, present, min, max] = counts ?? [];
  const profile = {
    name,
    type,
    count: Number(count),
    nulls: Number(count) - Number(present),
    ...(hasOrder && Number(present) > 0 ? { min: profileValue(min), max: profileValue(max) } : {}),
    ...(await frequencies(source, read)),
  };
  if (Number(present) === 0 || !["number", "bigint", "date"].includes(type)) return profile;
  return { ...profile, ...(await numericProfile(source, type === "date", read)) };
}

type Read = (sql: string) => Promise<readonly (readonly JS[])[]>;

async function frequencies(source: string, read: Read): Promise<Pick<PageColumnProfile, "distinct" | "top">> {
  const rows = await read(
    `SELECT v, n, count(*) OVER () FROM (SELECT v, count(*) AS n FROM ${source} WHERE v IS NOT NULL GROUP BY v)
     ORDER BY n DESC, v LIMIT ${topValues}`,
  );
  const distinct = Number(rows[0]?.[2] ?? 0);
  if (distinct > mostDistinct) return { distinct: null };
  const top = rows.map(([value, count]) => ({ value: profileValue(value), count: Number(count) }));
  return (top[0]?.count ?? 0) > 1 ? { distinct, top } : { distinct };
}

async function numericProfile(
  source: string,
  isDate: boolean,
  read: Read,
): Promise<Partial<PageColumnProfile>> {
  const number = isDate ? "epoch_ms(v)::DOUBLE" : "v::DOUBLE";
  const finite = `(SELECT x FROM (SELECT ${number} AS x FROM ${source} WHERE v IS NOT NULL) WHERE isfinite(x))`;
  const [row] = await read(
    `SELECT min(x), max(x), avg(x), stddev_samp(x), quantile_cont(x, [${points.join(", ")}]) FROM ${finite}`,
  );
  const [from, to, mean, deviation, quantiles] = row ?? [];
  if (typeof from !== "number" || typeof to !== "number") return {};
  const width = (to - from) / bins;
  const counted =
    width === 0
      ? [[0, (await read(`SELECT count(*) FROM ${finite}`))[0]?.[0] ?? 0] as const]
      : await read(
          `SELECT least(${bins - 1}, floor((x - ${from}) / ${width}))::INTEGER AS bin, count(*)
           FROM ${finite} GROUP BY bin`,
        );
  const counts = new Map(counted.map(([bin, count]) => [Number(bin), Number(count)]));
  const shown = width === 0 ? 1 : bins;
  const values = Array.isArray(quantiles) ? quantiles : [];
  return {
    ...(isDate || typeof mean !== "number" ? {} : { mean }),
    ...(isDate || typeof deviation !== "number" ? {} : { standardDeviation: deviation }),
    quantiles: points.map((q, index) => ({ q, value: Number(values[index]) })),
    histogram: Array.from({ length: shown }, (_, bin) => ({
      from: from + bin * width,
      to: bin === shown - 1 ? to : from + (bin + 1) * width,
      count: counts.get(bin) ?? 0,
    })),
  };
}

function profileValue(value: JS | undefined): PageProfileValue {
  if (value instanceof Date) return { kind: "date", text: value.toISOString() };
  if (typeof value === "bigint") return { kind: "bigint", text: String(value) };
  if (typeof value === "number" && !Number.isFinite(value)) return { kind: "number", text: String(value) };
  if (typeof value === "string") return value.slice(0, 200);
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
