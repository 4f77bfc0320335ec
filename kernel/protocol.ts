/**
 * @file What the kernel publishes to editors: the variable view's messages over the comm target
 * {@link variablesTarget}, and the interface by which a value offers itself as pageable.
 *
 * Invariants: a client says `hello` first and both sides compare {@link variablesProtocolVersion}; every request
 * carries an `id` which its one reply repeats; replies are JSON (see {@link cellSchema} for what JSON has no word
 * for) and their size is bounded by the request's `limit`, never by the value.
 */
import * as v from "valibot";

/** The comm target that editors open. */
export const variablesTarget = "tenon.variables";

/** Raised when a message changes its meaning. */
export const variablesProtocolVersion = 1;

/** The most rows, children or entries in one reply. */
export const largestPage = 1000;

/**
 * A value in a table cell. Strings, finite numbers, booleans and null are themselves; everything else is tagged:
 * - `undefined`: no value
 * - `number`: `NaN`, `Infinity`, `-Infinity` or `-0` as text
 * - `bigint`: its decimal digits
 * - `date`: ISO 8601 text, or `Invalid Date`
 * - `text`: the head of a string that is too long, with its whole length
 * - `value`: a one-line preview of anything else, with its type
 * - `unreadable`: reading it threw; the text says what
 */
export const cellSchema = v.union([
  v.string(),
  v.number(),
  v.boolean(),
  v.null(),
  v.strictObject({ kind: v.literal("undefined") }),
  v.strictObject({ kind: v.literal("number"), text: v.string() }),
  v.strictObject({ kind: v.literal("bigint"), text: v.string() }),
  v.strictObject({ kind: v.literal("date"), text: v.string() }),
  v.strictObject({ kind: v.literal("text"), text: v.string(), length: v.number() }),
  v.strictObject({ kind: v.literal("value"), text: v.string(), type: v.string() }),
  v.strictObject({ kind: v.literal("unreadable"), text: v.string() }),
]);
export type Cell = v.InferOutput<typeof cellSchema>;

/** What a column holds, as far as a sample of its rows tells. */
export const columnTypeSchema = v.picklist([
  "number",
  "bigint",
  "string",
  "boolean",
  "date",
  "object",
  "mixed",
  "empty",
]);
export type ColumnType = v.InferOutput<typeof columnTypeSchema>;

export const columnSchema = v.strictObject({
  /** Unique within its table. */
  name: v.string(),
  type: columnTypeSchema,
  /** The engine's own name for the type, for example `Int32` or `DECIMAL(18,3)`. */
  nativeType: v.optional(v.string()),
});
export type Column = v.InferOutput<typeof columnSchema>;

const operandSchema = v.union([v.string(), v.number(), v.boolean()]);
/** A number, a string, or a boolean; bigint and date columns take their text. */
export type Operand = v.InferOutput<typeof operandSchema>;

/** One condition on one column; several are joined by AND. Nulls match only `is-null` and `!=`. */
export const filterSchema = v.variant("op", [
  v.strictObject({
    column: v.string(),
    op: v.picklist(["=", "!=", "<", "<=", ">", ">="]),
    value: operandSchema,
  }),
  /** Case is ignored. */
  v.strictObject({ column: v.string(), op: v.literal("contains"), value: v.string() }),
  v.strictObject({ column: v.string(), op: v.picklist(["is-null", "is-not-null"]) }),
  v.strictObject({ column: v.string(), op: v.literal("one-of"), values: v.array(operandSchema) }),
]);
export type Filter = v.InferOutput<typeof filterSchema>;

/** Nulls (undefined and NaN too) come last in both directions; rows that compare equal keep their order. */
export const sortSchema = v.strictObject({ column: v.string(), descending: v.optional(v.boolean(), false) });
export type Sort = v.InferOutput<typeof sortSchema>;

/** From a variable's name down to a part of it; take it from a {@link Variable}, don't make it up. */
export const pathSchema = v.pipe(v.array(v.union([v.string(), v.number()])), v.minLength(1));
export type VariablePath = v.InferOutput<typeof pathSchema>;

export const variableSchema = v.strictObject({
  name: v.string(),
  path: pathSchema,
  /** For example `number`, `Flight[]`, `Float32Array`, `Map`. */
  type: v.string(),
  /** Length, shape or rows × columns, for example `1,000`, `28 × 28`; absent for scalars. */
  shape: v.optional(v.string()),
  /** An estimate of the memory it holds, in bytes; absent where unknown. */
  bytes: v.optional(v.number()),
  /** One line. */
  preview: v.string(),
  /** It has children. */
  expandable: v.boolean(),
  /** It can be asked for pages and profiles. */
  pageable: v.boolean(),
});
export type Variable = v.InferOutput<typeof variableSchema>;

const window = {
  offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largestPage)), 100),
};
const id = v.number();

/** What an editor sends, as a comm message's `data`. */
export const variablesRequestSchema = v.variant("type", [
  v.strictObject({ type: v.literal("hello"), id, version: v.number() }),
  /** Replied to by {@link variableListSchema}. */
  v.strictObject({ type: v.literal("list"), id }),
  /** Replied to by {@link childListSchema}. */
  v.strictObject({ type: v.literal("children"), id, path: pathSchema, ...window }),
  /** Replied to by {@link pageSchema}. */
  v.strictObject({
    type: v.literal("page"),
    id,
    path: pathSchema,
    ...window,
    sort: v.optional(v.array(sortSchema), []),
    filters: v.optional(v.array(filterSchema), []),
  }),
  /** Replied to by {@link profileSchema}; without `columns`, of all (at most 100). */
  v.strictObject({
    type: v.literal("profile"),
    id,
    path: pathSchema,
    columns: v.optional(v.array(v.string())),
    filters: v.optional(v.array(filterSchema), []),
  }),
  /** Replied to by {@link variableListSchema}; from then on each cell is followed by a {@link changedSchema}. */
  v.strictObject({ type: v.literal("watch"), id, enabled: v.boolean() }),
]);
export type VariablesRequest = v.InferOutput<typeof variablesRequestSchema>;

export const variableListSchema = v.strictObject({
  variables: v.array(variableSchema),
  /** How many there are; the list ends at {@link largestPage}. */
  total: v.number(),
});
export type VariableList = v.InferOutput<typeof variableListSchema>;

export const childListSchema = v.strictObject({ children: v.array(variableSchema), total: v.number() });
export type ChildList = v.InferOutput<typeof childListSchema>;

export const pageSchema = v.strictObject({
  columns: v.array(columnSchema),
  /** Rows after filtering; null where the source doesn't know. */
  rowCount: v.nullable(v.number()),
  /** Rows before filtering; null where the source doesn't know. */
  totalRowCount: v.nullable(v.number()),
  offset: v.number(),
  /** Each row has one cell per column. */
  rows: v.array(v.array(cellSchema)),
});
export type Page = v.InferOutput<typeof pageSchema>;

export const columnProfileSchema = v.strictObject({
  name: v.string(),
  type: columnTypeSchema,
  /** Rows looked at, nulls among them. */
  count: v.number(),
  nulls: v.number(),
  /** Distinct values; null beyond 10,000. */
  distinct: v.optional(v.nullable(v.number())),
  min: v.optional(cellSchema),
  max: v.optional(cellSchema),
  mean: v.optional(v.number()),
  /** Of the sample (n - 1). */
  standardDeviation: v.optional(v.number()),
  /** Linear interpolation between closest ranks, as NumPy's default. */
  quantiles: v.optional(v.array(v.strictObject({ q: v.number(), value: v.number() }))),
  /** Bins of equal width; the last one includes its upper end. */
  histogram: v.optional(v.array(v.strictObject({ from: v.number(), to: v.number(), count: v.number() }))),
  /** The most frequent values, most frequent first. */
  top: v.optional(v.array(v.strictObject({ value: cellSchema, count: v.number() }))),
});
export type ColumnProfile = v.InferOutput<typeof columnProfileSchema>;

export const profileSchema = v.strictObject({
  columns: v.array(columnProfileSchema),
  rowCount: v.nullable(v.number()),
  /** True where only every n-th row was looked at. */
  sampled: v.boolean(),
});
export type Profile = v.InferOutput<typeof profileSchema>;

/** Sent after each cell to those who watch; names only of what is different. */
export const changedSchema = v.strictObject({
  type: v.literal("changed"),
  added: v.array(variableSchema),
  changed: v.array(variableSchema),
  removed: v.array(v.string()),
});
export type VariablesChanged = v.InferOutput<typeof changedSchema>;

/** What the kernel sends, as a comm message's `data`. `result` follows the request's own schema. */
export const variablesReplySchema = v.variant("type", [
  v.strictObject({ type: v.literal("hello"), id, version: v.number() }),
  v.strictObject({ type: v.literal("reply"), id, result: v.unknown() }),
  v.strictObject({ type: v.literal("error"), id: v.nullable(id), message: v.string() }),
  changedSchema,
]);
export type VariablesReply = v.InferOutput<typeof variablesReplySchema>;

/** What a pageable value is asked for. */
export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly sort: readonly Sort[];
  readonly filters: readonly Filter[];
}

/** What a pageable value answers: rows of raw values, one per column. */
export interface PageResult {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows after filtering, where known. */
  readonly rowCount: number | undefined;
}

/**
 * A value that offers itself as a table under `Symbol.for("tenon.pageable")`: the method returns this object.
 * Sorting, filtering and profiling are then the value's own work, so that it may be larger than memory.
 */
export interface Pageable {
  readonly columns: readonly Column[];
  /** Rows before filtering; undefined where unknown. */
  readonly rowCount: number | undefined;
  page(request: PageRequest): PageResult | Promise<PageResult>;
  profile?(request: {
    readonly columns: readonly string[];
    readonly filters: readonly Filter[];
  }): Profile | Promise<Profile>;
}

/** The well-known symbol's key: `Symbol.for(pageableKey)`. */
export const pageableKey = "tenon.pageable";

export * from "./session-protocol.ts";
