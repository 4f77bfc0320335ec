/** @file The methods of expressions, by the family of what they give. `expression.ts` says what each computes. */
import type { Family } from "./families.ts";
import type { CastType } from "./native-types.ts";
import type {
  ByGiven,
  ComparableWith,
  Common,
  Each,
  Expression,
  KindOf,
  LeavesOf,
  LeavesOfOperand,
  MomentOperand,
  Narrow,
  NeedsOf,
  NumberOperand,
  Of,
  Operand,
  Ordering,
  TextOperand,
  TruthOperand,
  Wide,
} from "./expression-types.ts";

/** A column by name, or an order. */
export type OrderTerm = string | Ordering<string, never>;

/** The rows that a window function sees: those with the same `partitionBy`, in the order of `orderBy`. */
export interface WindowSpecification {
  readonly partitionBy?: string | readonly string[];
  readonly orderBy?: OrderTerm | readonly OrderTerm[];
  /** The first and last row of the frame, counted from the current row; `[-6, 0]` is this row and the six before it. */
  readonly rows?: readonly [from: number, to: number];
}

/** Units of calendar and clock. */
export type TimeUnit = "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second";

type Items<T> = T extends readonly (infer Item)[] ? Item : T;
type TermNames<T> = T extends string ? T : T extends Ordering<infer Uses, never> ? Uses : never;
type WindowNames<S extends WindowSpecification> =
  Items<S["partitionBy"]> | TermNames<Items<S["orderBy"]>> extends infer Names
  ? Extract<Names, string>
  : never;

/** What an aggregate or a window function has beside its other methods. */
export interface Windowed<G, N> {
  /** The value for each row, over the rows of a window around it. */
  over<const S extends WindowSpecification>(window: S): ByGiven<G, N & Each<WindowNames<S>, Family>, "row">;
}

/** What every expression can do. */
export interface Anything<N, K> {
  isNull(): Truth<N, K>;
  isNotNull(): Truth<N, K>;
  /** Fails where a value cannot be had in that type. */
  cast<T extends CastType>(type: T): ByGiven<T, N, K>;
  /** Null where a value cannot be had in that type. */
  tryCast<T extends CastType>(type: T): ByGiven<T, N, K>;
  asc(): Ordering<keyof N & string, N>;
  desc(): Ordering<keyof N & string, N>;
}

/** Comparisons within one family. Each is null where a side is null. */
export interface Compared<Accepted, F extends Family, G, N, K> {
  eq<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  ne<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  gt<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  ge<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  lt<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  le<O extends Accepted>(other: O): Truth<N & NeedsOf<O, F>, K | KindOf<O>>;
  between<L extends Accepted, H extends Accepted>(
    low: L,
    high: H,
  ): Truth<N & NeedsOf<L, F> & NeedsOf<H, F>, K | KindOf<L> | KindOf<H>>;
  isIn(values: readonly Exclude<Accepted, object>[]): Truth<N, K>;
  /** A plain value takes the type of the column; an expression's type is joined with it. */
  fillNull<O extends Accepted>(value: O): ByGiven<Filled<G, O>, N & NeedsOf<O, F>, K | KindOf<O>>;
}

type Filled<G, O> = O extends number | bigint | string | boolean | Date
  ? G
  : Common<LeavesOf<G> | LeavesOfOperand<O>>;

interface NumericMethods<G, N, K> {
  add<O extends NumberOperand>(other: O): Computed<G, O, N, K>;
  sub<O extends NumberOperand>(other: O): Computed<G, O, N, K>;
  mul<O extends NumberOperand>(other: O): Computed<G, O, N, K>;
  mod<O extends NumberOperand>(other: O): Computed<G, O, N, K>;
  div<O extends NumberOperand>(other: O): Numeric<"float64", N & NeedsOf<O, "number">, K | KindOf<O>>;
  pow<O extends NumberOperand>(other: O): Numeric<"float64", N & NeedsOf<O, "number">, K | KindOf<O>>;
  clip(low: number, high: number): Numeric<G, N, K>;
  neg(): Numeric<Wide<LeavesOf<G>>, N, K>;
  abs(): Numeric<Wide<LeavesOf<G>>, N, K>;
  floor(): Numeric<Wide<LeavesOf<G>>, N, K>;
  ceil(): Numeric<Wide<LeavesOf<G>>, N, K>;
  round(digits?: number): Numeric<Wide<LeavesOf<G>>, N, K>;
  sign(): Numeric<"int64", N, K>;
  sqrt(): Numeric<"float64", N, K>;
  exp(): Numeric<"float64", N, K>;
  log(): Numeric<"float64", N, K>;
  log10(): Numeric<"float64", N, K>;
  isNaN(): Truth<N, K>;
  isFinite(): Truth<N, K>;
}

type Computed<G, O, N, K> = Numeric<
  Wide<LeavesOf<G> | LeavesOfOperand<O>>,
  N & NeedsOf<O, "number">,
  K | KindOf<O>
>;

interface TextMethods<N, K> {
  lower(): Text<"string", N, K>;
  upper(): Text<"string", N, K>;
  trim(): Text<"string", N, K>;
  length(): Numeric<"int64", N, K>;
  slice(start: number, end?: number): Text<"string", N, K>;
  contains(part: string): Truth<N, K>;
  startsWith(part: string): Truth<N, K>;
  endsWith(part: string): Truth<N, K>;
  matches(pattern: RegExp): Truth<N, K>;
  extract(pattern: RegExp, group?: number): Text<"string", N, K>;
  replace(found: string | RegExp, replacement: string): Text<"string", N, K>;
  concat<O extends TextOperand>(other: O): Text<"string", N & NeedsOf<O, "string">, K | KindOf<O>>;
}

interface TruthMethods<N, K> {
  and<O extends TruthOperand>(other: O): Truth<N & NeedsOf<O, "boolean">, K | KindOf<O>>;
  or<O extends TruthOperand>(other: O): Truth<N & NeedsOf<O, "boolean">, K | KindOf<O>>;
  not(): Truth<N, K>;
}

interface MomentMethods<G, N, K> {
  year(): Numeric<"int64", N, K>;
  quarter(): Numeric<"int64", N, K>;
  month(): Numeric<"int64", N, K>;
  week(): Numeric<"int64", N, K>;
  day(): Numeric<"int64", N, K>;
  dayOfWeek(): Numeric<"int64", N, K>;
  dayOfYear(): Numeric<"int64", N, K>;
  hour(): Numeric<"int64", N, K>;
  minute(): Numeric<"int64", N, K>;
  second(): Numeric<"int64", N, K>;
  epoch(): Numeric<"float64", N, K>;
  secondsSince<O extends MomentOperand>(other: O): Numeric<"float64", N & NeedsOf<O, "date">, K | KindOf<O>>;
  truncate(unit: TimeUnit): Moment<G, N, K>;
  plus(amount: number, unit: TimeUnit): Moment<G, N, K>;
  format(pattern: string): Text<"string", N, K>;
  wallTimeIn(zone: string): Moment<"timestamp", N, K>;
  instantIn(zone: string): Moment<"timestamptz", N, K>;
}

type Windows<G, N, K> = [K] extends ["row"] ? unknown : Windowed<G, N>;
type Base<G, N, K> = Expression<N, G, K> & Anything<N, K> & Windows<G, N, K>;

/** An expression that gives numbers. */
export type Numeric<G, N, K> = Base<G, N, K> &
  NumericMethods<G, N, K> &
  Compared<NumberOperand, "number", G, N, K>;
/** An expression that gives texts. */
export type Text<G, N, K> = Base<G, N, K> & TextMethods<N, K> & Compared<TextOperand, "string", G, N, K>;
/** An expression that gives days or instants. */
export type Moment<G, N, K> = Base<G, N, K> &
  MomentMethods<G, N, K> &
  Compared<MomentOperand, "date", G, N, K>;
/** A condition: true, false, or null where it is unknown. */
export type Truth<N, K> = Base<"boolean", N, K> &
  TruthMethods<N, K> &
  Compared<TruthOperand, "boolean", "boolean", N, K>;
/** An expression whose type has no methods of its own. */
export type Plain<G, N, K> = Base<G, N, K>;

/** An expression whose family the table decides: the first method that is used tells what it must be. */
export type Like<G, N, K> = Base<G, N, K> &
  NumericMethods<G, N & Narrow<G, "number">, K> &
  TextMethods<N & Narrow<G, "string">, K> &
  TruthMethods<N & Narrow<G, "boolean">, K> &
  MomentMethods<G, N & Narrow<G, "date">, K> &
  LikeCompared<G, N, K>;

interface LikeCompared<G, N, K> {
  eq<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  ne<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  gt<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  ge<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  lt<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  le<O extends Operand>(other: O): LikeTruth<G, N, K, O>;
  between<L extends Operand, H extends Operand>(
    low: L,
    high: H,
  ): Truth<
    N & Narrow<G, ComparableWith<L> & ComparableWith<H>> & NeedsOf<L, Family> & NeedsOf<H, Family>,
    K | KindOf<L> | KindOf<H>
  >;
  isIn<V extends number | bigint | string | boolean>(
    values: readonly V[],
  ): Truth<N & Narrow<G, ComparableWith<V>>, K>;
  fillNull<O extends Operand>(
    value: O,
  ): ByGiven<Filled<G, O>, N & Narrow<G, ComparableWith<O>> & NeedsOf<O, Family>, K | KindOf<O>>;
}

type LikeTruth<G, N, K, O> = Truth<N & Narrow<G, ComparableWith<O>> & NeedsOf<O, Family>, K | KindOf<O>>;

/** A column by its name. */
export type Column<Name extends string> = Like<Of<Name>, Each<Name, Family>, "row">;
