/** @file One page of a table: of an in-memory source, or as the value itself gives it. */
import * as v from "valibot";
import { largestPage, type Filter, type Page, type Sort } from "../../protocol.ts";
import { isObject } from "../rich/safe-read.ts";
import { pageableOf, tableSource } from "../tables/find-table.ts";
import { toCell } from "./json-cell.ts";
import { rowOrder } from "./row-order.ts";
import { VariableError } from "./scope.ts";

/** What of a table is wanted. */
export interface PageQuery {
  readonly offset: number;
  readonly limit: number;
  readonly sort: readonly Sort[];
  readonly filters: readonly Filter[];
}

const offeredPage = v.object({
  rows: v.array(v.array(v.unknown())),
  rowCount: v.nullish(v.number()),
});

/** The page; throws {@link VariableError} where the value is no table or a column is unknown. */
export async function pageOf(value: unknown, query: PageQuery): Promise<Page> {
  const limit = Math.min(query.limit, largestPage);
  if (!isObject(value)) throw new VariableError("this is no table");
  const pageable = pageableOf(value);
  if (pageable !== undefined) {
    const columns = pageable.columns.map(({ name, type, nativeType }) => ({
      name,
      type,
      ...(nativeType === undefined ? {} : { nativeType }),
    }));
    const parsed = v.safeParse(offeredPage, await pageable.page({ ...query, limit }));
    if (!parsed.success)
      throw new VariableError('the value\'s "tenon.pageable" page is not { rows, rowCount }');
    const { rows, rowCount } = parsed.output;
    return {
      columns,
      rowCount: rowCount ?? null,
      totalRowCount: pageable.rowCount ?? null,
      offset: query.offset,
      rows: rows.slice(0, limit).map((row) => columns.map((_, column) => toCell(row[column]))),
    };
  }
  const source = tableSource(value);
  if (source === undefined) throw new VariableError("this is no table");
  const order = rowOrder(value, source, query.sort, query.filters);
  const rowCount = order === undefined ? source.rowCount : order.length;
  const readers = source.columns.map((_, column) => source.reader(column));
  const count = Math.max(0, Math.min(limit, rowCount - query.offset));
  return {
    columns: [...source.columns],
    rowCount,
    totalRowCount: source.rowCount,
    offset: query.offset,
    rows: Array.from({ length: count }, (_, index) => {
      const row = order === undefined ? query.offset + index : (order[query.offset + index] ?? 0);
      return readers.map((read) => toCell(read(row)));
    }),
  };
}
