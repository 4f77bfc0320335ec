/**
 * @file Steps of fitted features as functions of one row: what their tensor programs compute, in the same order of operations.
 *
 * The states are read here by schemas of their own, since the steps' modules also hold their fits and the tensor programs,
 * which take longer to load than a service may take to start. A package's recorded rows hold what is made here against the
 * pipeline, and a kind that isn't known here is left to the graph.
 */
import * as v from "valibot";

/** Where a row's values begin among those of all rows. */
export interface RowPlace {
  numbers: Float64Array;
  numberStart: number;
  texts: readonly string[];
  textStart: number;
}

/** A column of numbers (NaN is missing) or of texts ("" is), as a function of the row. */
export type ColumnFunction =
  | { readonly kind: "number"; readonly read: (row: RowPlace) => number }
  | { readonly kind: "text"; readonly read: (row: RowPlace) => string };

/** Which one of some features is 1, as a function of the row; none where it is negative. */
export interface PositionFunction {
  readonly kind: "position";
  readonly width: number;
  readonly read: (row: RowPlace) => number;
}

/** What a step makes of a column. */
export type StepOutput = ColumnFunction | PositionFunction;

/** What a step makes of its columns; undefined where only the graph can. */
export type CompiledStep = (columns: readonly ColumnFunction[]) => readonly StepOutput[] | undefined;

const category = v.union([v.string(), v.number(), v.null()]);
const linearState = v.object({ centers: v.array(v.number()), scales: v.array(v.number()) });
const imputerState = v.object({
  columns: v.array(v.object({ value: v.union([v.number(), v.string()]), indicator: v.boolean() })),
});
const oneHotState = v.object({
  columns: v.array(
    v.object({
      categories: v.array(category),
      features: v.array(v.number()),
      labels: v.array(v.string()),
      unknown: v.nullable(v.number()),
    }),
  ),
});
const ordinalState = v.object({
  columns: v.array(v.object({ categories: v.array(category), unknown: v.nullable(v.number()) })),
});

/** The kinds of steps of the form `(x - center) / scale`. */
const linearMaps: ReadonlySet<string> = new Set([
  "standardScaler",
  "minMaxScaler",
  "maxAbsScaler",
  "robustScaler",
]);

/** The step of a kind with its state; undefined where it is left to the graph. */
export function compileStep(kind: string, state: unknown): CompiledStep | undefined {
  if (kind === "passthrough") return (columns) => (columns.every(isNumber) ? columns : undefined);
  if (linearMaps.has(kind)) return withState(linearState, state, linearMap);
  if (kind === "imputer") return withState(imputerState, state, imputer);
  if (kind === "oneHot") return withState(oneHotState, state, oneHot);
  return kind === "ordinal" ? withState(ordinalState, state, ordinal) : undefined;
}

function withState<T>(
  schema: v.GenericSchema<unknown, T>,
  json: unknown,
  compile: (state: T, columns: readonly ColumnFunction[]) => readonly StepOutput[] | undefined,
): CompiledStep | undefined {
  const parsed = v.safeParse(schema, json);
  return parsed.success ? (columns) => compile(parsed.output, columns) : undefined;
}

function isNumber(column: ColumnFunction): column is ColumnFunction & { readonly kind: "number" } {
  return column.kind === "number";
}

function linearMap(
  { centers, scales }: v.InferOutput<typeof linearState>,
  columns: readonly ColumnFunction[],
): readonly StepOutput[] | undefined {
  if (!columns.every(isNumber)) return undefined;
  return columns.map(({ read }, at) => {
    const [center, scale] = [centers[at] ?? 0, scales[at] ?? 1];
    return { kind: "number", read: (row) => (read(row) - center) / scale };
  });
}

function imputer(
  { columns: fitted }: v.InferOutput<typeof imputerState>,
  columns: readonly ColumnFunction[],
): readonly StepOutput[] | undefined {
  const values = columns.map((column, at): ColumnFunction | undefined => {
    const value = fitted[at]?.value ?? 0;
    if (column.kind === "text") {
      if (typeof value !== "string") return undefined;
      const { read } = column;
      return { kind: "text", read: (row) => read(row) || value };
    }
    if (typeof value !== "number") return undefined;
    const { read } = column;
    return {
      kind: "number",
      read: (row) => {
        const found = read(row);
        return Number.isNaN(found) ? value : found;
      },
    };
  });
  const indicators = columns
    .filter((_, at) => fitted[at]?.indicator === true)
    .map((column): ColumnFunction => ({
      kind: "number",
      read:
        column.kind === "text"
          ? (row) => Number(column.read(row) === "")
          : (row) => Number(Number.isNaN(column.read(row))),
    }));
  const all = [...values, ...indicators];
  return all.every((each) => each !== undefined) ? all : undefined;
}

/** The place of a column's value among categories; -1 for one that isn't among them. */
function placeAmong(
  column: ColumnFunction,
  categories: readonly (string | number | null)[],
): (row: RowPlace) => number {
  if (column.kind === "text") {
    const { read } = column;
    const places = new Map(categories.map((each, at) => [String(each ?? ""), at]));
    return (row) => places.get(read(row)) ?? -1;
  }
  const { read } = column;
  const missing = categories.indexOf(null);
  const places = new Map(categories.map((each, at) => [each, at]));
  return (row) => {
    const value = read(row);
    return Number.isNaN(value) ? missing : (places.get(value) ?? -1);
  };
}

function oneHot(
  { columns: fitted }: v.InferOutput<typeof oneHotState>,
  columns: readonly ColumnFunction[],
): readonly StepOutput[] | undefined {
  const outputs = fitted.map(({ categories, features, labels, unknown }, at) => {
    const column = columns[at];
    if (!column) return undefined;
    const place = placeAmong(column, categories);
    const otherwise = unknown ?? -1;
    return {
      kind: "position" as const,
      width: labels.length,
      read: (row: RowPlace) => {
        const found = place(row);
        return found < 0 ? otherwise : (features[found] ?? -1);
      },
    };
  });
  return outputs.every((each) => each !== undefined) ? outputs : undefined;
}

function ordinal(
  { columns: fitted }: v.InferOutput<typeof ordinalState>,
  columns: readonly ColumnFunction[],
): readonly StepOutput[] | undefined {
  return columns.map((column, at) => {
    const { categories = [], unknown = null } = fitted[at] ?? {};
    const place = placeAmong(column, categories);
    const numbers = categories.map((each, number) => (each === null ? Number.NaN : number));
    const otherwise = unknown ?? Number.NaN;
    return {
      kind: "number",
      read: (row) => {
        const found = place(row);
        return found < 0 ? otherwise : (numbers[found] ?? Number.NaN);
      },
    };
  });
}
