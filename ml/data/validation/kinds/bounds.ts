/** @file Limits of values and of statistics. */
import type { Bounds } from "../expectation.ts";
import { SuiteError } from "../errors.ts";
import { requiredLiteral, type SqlColumn } from "../sql-values.ts";

/** Whether an SQL value of the column's type is within the limits, as SQL. @throws {@link SuiteError} without limits */
export function withinSql(column: SqlColumn, value: string, bounds: Bounds): string {
  const { min_value: min, max_value: max } = requireBounds(bounds);
  const parts: string[] = [];
  if (min !== undefined)
    parts.push(`${value} ${bounds.strict_min ? ">" : ">="} ${requiredLiteral(column, min)}`);
  if (max !== undefined)
    parts.push(`${value} ${bounds.strict_max ? "<" : "<="} ${requiredLiteral(column, max)}`);
  return `(${parts.join(" AND ")})`;
}

/** Whether a statistic is within the limits, of which both may be absent; null never is. */
export function isWithin(value: number | null, bounds: Bounds): boolean {
  if (value === null) return false;
  const min = numberBound("min_value", bounds.min_value);
  const max = numberBound("max_value", bounds.max_value);
  const aboveMin = min === undefined || (bounds.strict_min ? value > min : value >= min);
  const belowMax = max === undefined || (bounds.strict_max ? value < max : value <= max);
  return aboveMin && belowMax;
}

/** @throws {@link SuiteError} where there is no limit, or the lower one is above the upper one */
export function requireBounds(bounds: Bounds): Bounds {
  const { min_value: min, max_value: max } = bounds;
  if (min === undefined && max === undefined)
    throw new SuiteError("min_value and max_value are both missing");
  if (typeof min === "number" && typeof max === "number" && min > max)
    throw new SuiteError(`min_value ${min} is above max_value ${max}`);
  return bounds;
}

function numberBound(name: string, bound: number | string | undefined): number | undefined {
  if (bound === undefined) return undefined;
  const number = typeof bound === "number" ? bound : Number(bound.trim() === "" ? Number.NaN : bound);
  if (Number.isNaN(number)) throw new SuiteError(`${name} ${JSON.stringify(bound)} is not a number`);
  return number;
}
