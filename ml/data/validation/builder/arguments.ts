/** @file The options of expectations in TypeScript, and the arguments of suites that they become. */
import type { TableColumns } from "../../column-types.ts";
import { SuiteError } from "../errors.ts";
import type { Severity } from "../expectation.ts";
import type { RowCondition } from "../row-condition.ts";

/** What every expectation takes. */
export interface CommonOptions {
  /** How much a failure matters; `critical` where absent. */
  readonly severity?: Severity;
  /** Notes that suites and results keep. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Which rows an expectation looks at. */
export interface RowOptions<C extends TableColumns> extends CommonOptions {
  readonly rowCondition?: RowCondition<keyof C & string>;
}

/** Options of expectations that each row meets or not. */
export interface MapOptions<C extends TableColumns> extends RowOptions<C> {
  /** The share of rows, of those with a value, that must be as expected; 1 where absent. */
  readonly mostly?: number;
}

/** Limits; a limit itself is allowed where it is not strict. */
export interface BoundOptions<Value> {
  readonly minValue?: Value;
  readonly maxValue?: Value;
  readonly strictMin?: boolean;
  readonly strictMax?: boolean;
}

/** Which rows a pair of columns is not asked of: by default, those where both values are missing. */
export interface PairOptions<C extends TableColumns> extends MapOptions<C> {
  readonly ignoreRowIf?: "both_values_are_missing" | "either_value_is_missing" | "neither";
}

/** Which rows several columns are not asked of: by default, those where all values are missing. */
export interface MulticolumnOptions<C extends TableColumns> extends MapOptions<C> {
  readonly ignoreRowIf?: "all_values_are_missing" | "any_value_is_missing" | "never";
}

/** Expected shares of values. */
export interface ValuePartition<Value> {
  readonly values: readonly Value[];
  /** As many as values; they sum to 1. */
  readonly weights: readonly number[];
}

/** Expected shares of intervals. */
export interface BinPartition {
  /** Rising edges, one more than weights; an interval holds its lower edge, the last one both. */
  readonly bins: readonly number[];
  readonly weights: readonly number[];
  /** The shares below and above the bins. */
  readonly tailWeights?: readonly [number, number];
}

const names: Readonly<Record<string, string>> = { columnA: "column_A", columnB: "column_B", type: "type_" };

/**
 * Options as the arguments of suites: names in snake case, dates as ISO 8601, integers beyond 2^53 as text.
 * @throws {@link SuiteError} for a value that JSON doesn't hold, such as an infinite number
 */
export function suiteArguments(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return renamed(options, (name) => names[name] ?? snakeCase(name));
}

function renamed(
  options: Readonly<Record<string, unknown>>,
  rename: (name: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [rename(name), suiteValue(value)]),
  );
}

function suiteValue(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number" && !Number.isFinite(value))
    throw new SuiteError(`a suite can't hold ${value}; leave a limit out where there is none`);
  if (Array.isArray(value)) return value.map(suiteValue);
  if (typeof value === "object" && value !== null) return renamed({ ...value }, snakeCase);
  return value;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
