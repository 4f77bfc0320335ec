/** @file A selection of a table's columns checked, and the SQL and the tensor that each part of it becomes. */
import { columnType } from "../../data/column-types.ts";
import { familyOf, isInteger } from "../../data/families.ts";
import { textLiteral } from "../../data/literals.ts";
import { nearName } from "../../data/near-name.ts";
import { identifier } from "../../data/relation-sql.ts";
import type { TableSource } from "../../data/table-source.ts";
import { InvalidInputError } from "../../errors.ts";
import type { CategoryValue, RowFeatures, TableSelection } from "./table-selection.ts";

/** A column that a query computes beside the table's own. */
export interface ComputedColumn {
  readonly sql: string;
  readonly type: "FLOAT" | "BIGINT";
  /** The table's column that it is made of. */
  readonly source: string;
  /** The values that a code stands for, where it is one. */
  readonly categories?: readonly string[];
}

/** A tensor of a batch: where it stands in the tree, and the columns that it is made of. */
export interface SelectedTensor {
  readonly path: readonly string[];
  readonly dtype: "float32" | "int64";
  /** The sizes after the rows. */
  readonly rest: readonly number[];
  /** The fitted features that it holds, or the columns that stand side by side in it. */
  readonly from: RowFeatures | readonly ComputedColumn[];
}

/** A selection of unknown columns. */
export type AnySelection = TableSelection<Readonly<Record<string, never>>> | TableSelection;

/**
 * The tensors of a selection.
 * @throws {@link InvalidInputError} for a column that is missing or of a type that doesn't fit, a target among the
 * features, and lists of categories that are empty or repeat one
 */
export function selectedTensors(
  { columns }: Pick<TableSource, "columns">,
  selection: AnySelection,
): readonly SelectedTensor[] {
  const { features, categories, classes } = selection;
  const target: readonly string[] = [selection.target ?? []].flat();
  const given = new Set([...inputNames(features), ...Object.keys(categories ?? {})]);
  const leaked = target.find((name) => given.has(name));
  if (leaked !== undefined)
    throw new InvalidInputError(`"${leaked}" is the target: no feature may be made of it`);
  const typeOf = (name: string): string => typeOfColumn(columns, name);
  const numbers = (names: readonly string[]): readonly ComputedColumn[] =>
    names.map((source) => numberColumn(source, typeOf(source)));
  const codes = (source: string, values: readonly CategoryValue[]): ComputedColumn =>
    codeColumn(source, typeOf(source), values);
  const tensors: SelectedTensor[] = [];
  if (features !== undefined) {
    const width = isRowFeatures(features) ? features.names.length : features.length;
    if (width === 0) throw new InvalidInputError("the selection's features name no column");
    const from = isRowFeatures(features) ? features : numbers(features);
    tensors.push({ path: ["features"], dtype: "float32", rest: [width], from });
  }
  for (const [name, values] of Object.entries<readonly CategoryValue[] | undefined>(categories ?? {}))
    tensors.push({
      path: ["categories", name],
      dtype: "int64",
      rest: [],
      from: [codes(name, values ?? [])],
    });
  if (tensors.length === 0)
    throw new InvalidInputError("a selection needs features or categories: there is nothing to learn from");
  const [first, ...others] = target;
  if (classes !== undefined) {
    if (first === undefined || others.length > 0)
      throw new InvalidInputError("classes are those of one target column: name it by target");
    tensors.push({ path: ["target"], dtype: "int64", rest: [], from: [codes(first, classes)] });
  } else if (first !== undefined) {
    const text = target.find((name) => familyOf(typeOf(name)) === "string");
    if (text !== undefined)
      throw new InvalidInputError(`the target "${text}" holds text: name its classes, in order, by classes`);
    tensors.push({ path: ["target"], dtype: "float32", rest: [target.length], from: numbers(target) });
  }
  return tensors;
}

/** Whether features compute themselves. */
export function isRowFeatures(
  features: RowFeatures | readonly unknown[] | undefined,
): features is RowFeatures {
  return features !== undefined && !Array.isArray(features);
}

function inputNames(features: RowFeatures | readonly string[] | undefined): readonly string[] {
  return isRowFeatures(features) ? features.inputs.map(({ name }) => name) : (features ?? []);
}

function typeOfColumn(columns: TableSource["columns"], name: string): string {
  const found = columns.find((column) => column.name === name);
  if (found) return found.type;
  const names = columns.map((column) => column.name);
  const near = nearName(name, names);
  const hint = near === undefined ? `there are: ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new InvalidInputError(`there is no column "${name}"; ${hint}`);
}

function numberColumn(source: string, type: string): ComputedColumn {
  const family = familyOf(type);
  if (family !== "number" && family !== "boolean")
    throw new InvalidInputError(
      `column "${source}" is of type ${columnType(type)}, which is no number: name it among the categories, or make features of it`,
    );
  return { sql: `CAST(${identifier(source)} AS FLOAT)`, type: "FLOAT", source };
}

/** Text of another list than the column holds gives no code, which is seen when the rows are read. */
function codeColumn(source: string, type: string, values: readonly CategoryValue[]): ComputedColumn {
  const family = familyOf(type);
  if (family !== "string" && family !== "boolean" && !isInteger(type))
    throw new InvalidInputError(`column "${source}" is of type ${columnType(type)}, which has no categories`);
  const categories = values.map(String);
  if (categories.length === 0) throw new InvalidInputError(`there are no categories of "${source}"`);
  const repeated = categories.find((each, at) => categories.indexOf(each) !== at);
  if (repeated !== undefined)
    throw new InvalidInputError(`the categories of "${source}" have "${repeated}" twice`);
  return {
    sql: codeSql(`CAST(${identifier(source)} AS VARCHAR)`, categories),
    type: "BIGINT",
    source,
    categories,
  };
}

/** A type of enumeration finds a place by hashing; its values are constants, which a text with a NUL isn't. */
function codeSql(text: string, categories: readonly string[]): string {
  const list = categories.map(textLiteral).join(", ");
  const code = categories.some((each) => each.includes("\0"))
    ? `list_position([${list}], ${text}) - 1`
    : `enum_code(TRY_CAST(${text} AS ENUM(${list})))`;
  return `CAST(coalesce(${code}, -1) AS BIGINT)`;
}
