/** @file One page of a table: of an in-memory source, or as the value itself gives it. */
import * as v from "valibot";
import { largestPage, type Filter, type Page, type Pageable, type Sort } from "../../protocol.ts";
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
export function pageOf(value: unknown, query: PageQuery): Page | Promise<Page> {
  const limit = Math.min(query.limit, largestPage);
  if (!isObject(value)) throw new VariableError("this is no table");
  const pageable = pageableOf(value);
  if (pageable !== undefined) {
    const offered = pageable.page({ ...query, limit });
    const finish = (page: unknown): Page => checkedPage(pageable, { ...query, limit }, page);
    return offered instanceof Promise ? offered.then(finish) : finish(offered);
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

/** The rows that a pageable value gave, looked at before they are believed. */
export function checkedRows(page: unknown): { readonly rows: unknown[][]; readonly rowCount: number | null } {
  const parsed = v.safeParse(offeredPage, page);
  if (!parsed.success)
    throw new VariableError('the value\'s "tenon.pageable" page is not { rows, rowCount }');
  return { rows: parsed.output.rows, rowCount: parsed.output.rowCount ?? null };
}

function checkedPage(pageable: Pageable, query: PageQuery, page: unknown): Page {
  const columns = pageable.columns.map(({ name, type, nativeType }) =>
    nativeType === undefined ? { name, type } : { name, type, nativeType },
  );
  const { rows, rowCount } = checkedRows(page);
  return {
    columns,
    rowCount,
    totalRowCount: pageable.rowCount ?? null,
    offset: query.offset,
    rows: rows.slice(0, query.limit).map((row) => columns.map((_, column) => toCell(row[column]))),
  };
}
