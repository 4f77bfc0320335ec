/** @file A tensor in a notebook's data viewer: rows of its last axis, computed when the first page is asked for. */
import { RuntimeError } from "../errors.ts";
import type {
  Pageable,
  PageableColumn,
  PageFilter,
  PageRequest,
  PageResult,
  PageSort,
} from "../../pageable.ts";
import { evaluate } from "../evaluate.ts";
import { knownSizes } from "../shape.ts";
import type { Value } from "../value.ts";
import { elementReader, type Element } from "./numbers.ts";

/** Columns beyond these are not offered: no viewer shows them. */
const mostColumns = 500;

/** The value as a table; undefined where a size is not known, or there is nothing in it. */
export function pageableValue(value: Value): Pageable | undefined {
  const sizes = knownSizes(value.shape);
  if (!sizes) return undefined;
  const width = sizes.length < 2 ? 1 : (sizes.at(-1) ?? 1);
  const rowCount = (sizes.length < 2 ? sizes : sizes.slice(0, -1)).reduce(
    (product, size) => product * size,
    1,
  );
  if (width === 0 || rowCount === 0) return undefined;
  const columns = Array.from({ length: Math.min(width, mostColumns) }, (_, at): PageableColumn => {
    return {
      name: sizes.length < 2 ? "value" : String(at),
      type: columnType(value),
      nativeType: value.dtype,
    };
  });
  const page = async (request: PageRequest): Promise<PageResult> => {
    const [data] = await evaluate([value]);
    if (!data) throw new RuntimeError("the tensor could not be computed");
    const read = elementReader(data);
    const at = (row: number, column: number): Element => read(row * width + column);
    const rows = chosenRows(request, columns, rowCount, at);
    const shown = rows.slice(request.offset, request.offset + request.limit);
    return { rows: shown.map((row) => columns.map((_, column) => at(row, column))), rowCount: rows.length };
  };
  return { columns, rowCount, page };
}

function columnType({ dtype }: Value): PageableColumn["type"] {
  if (dtype === "string") return "string";
  if (dtype === "bool") return "boolean";
  return dtype === "int64" || dtype === "uint64" ? "bigint" : "number";
}

/** The rows that pass all filters, in the order that is asked for. */
function chosenRows(
  { filters, sort }: PageRequest,
  columns: readonly PageableColumn[],
  rowCount: number,
  at: (row: number, column: number) => Element,
): number[] {
  const position = ({ column }: PageFilter | PageSort): number =>
    columns.findIndex(({ name }) => name === column);
  const rows = Array.from({ length: rowCount }, (_, row) => row).filter((row) =>
    filters.every((filter) => passes(filter, at(row, position(filter)))),
  );
  if (sort.length === 0) return rows;
  const keys = sort.map((each) => ({ column: position(each), sign: each.descending ? -1 : 1 }));
  return rows.sort((a, b) => {
    for (const { column, sign } of keys) {
      const order = compare(at(a, column), at(b, column), sign);
      if (order !== 0) return order;
    }
    return a - b;
  });
}

/** NaN comes last in both directions. */
function compare(a: Element, b: Element, sign: number): number {
  const [isNoA, isNoB] = [Number.isNaN(a), Number.isNaN(b)];
  if (isNoA || isNoB) return Number(isNoA) - Number(isNoB);
  return a < b ? -sign : a > b ? sign : 0;
}

function passes(filter: PageFilter, element: Element): boolean {
  switch (filter.op) {
    case "is-null":
      return false;
    case "is-not-null":
      return true;
    case "contains":
      return String(element).toLowerCase().includes(filter.value.toLowerCase());
    case "one-of":
      return filter.values.some((value) => isEqual(element, value));
    case "=":
      return isEqual(element, filter.value);
    case "!=":
      return !isEqual(element, filter.value);
    case "<":
      return element < filter.value;
    case "<=":
      return element <= filter.value;
    case ">":
      return element > filter.value;
    case ">=":
      return element >= filter.value;
  }
}

/** Wide integers equal numbers of the same value. */
function isEqual(element: Element, value: string | number | boolean): boolean {
  if (typeof element === "bigint" && typeof value !== "boolean") return String(element) === String(value);
  return element === value;
}
