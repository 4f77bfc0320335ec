/** @file Dates as numbers: their parts, and parts that return as angles. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { isNaN as isMissing, where } from "../../graph/functions/elementwise.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { calendarParts, datePartNames, type DatePart } from "../calendar.ts";
import type { SqlColumn, StepDefinition, TimeUnit, TracedColumn } from "../step.ts";
import { numberAt } from "../traced.ts";
import type { DateColumn, Transformer } from "../transformer.ts";

/** Parts of a date that return, with their first value and how many there are. */
const cycles = {
  month: { first: 1, length: 12 },
  weekday: { first: 0, length: 7 },
  hour: { first: 0, length: 24 },
  minute: { first: 0, length: 60 },
} as const satisfies Partial<Record<DatePart, { readonly first: number; readonly length: number }>>;

/** A part of a date that {@link dateCycles} takes. */
export type DateCycle = keyof typeof cycles;

const units = v.array(v.picklist(["days", "microseconds"]));
const partsState = v.object({ units, parts: v.array(v.picklist(datePartNames)) });
const cyclesState = v.object({
  units,
  // SAFETY: the object's keys are exactly the cycles.
  parts: v.array(v.picklist(Object.keys(cycles) as DateCycle[])),
});

/**
 * Parts of dates and timestamps as numbers, in UTC: the year, month and day of the calendar from 1, the weekday from 0
 * for Monday, the day of the year from 1, hour and minute. What is missing stays missing.
 * @example columns({ departed: dateParts("month", "weekday", "hour") })
 */
export function dateParts(...parts: readonly [DatePart, ...DatePart[]]): Transformer<DateColumn, "number"> {
  return { kind: "dateParts", settings: { parts } };
}

/**
 * Parts of dates that return, as the sine and the cosine of an angle, so that December stands beside January. In UTC.
 * @example columns({ departed: dateCycles("month", "hour") })
 */
export function dateCycles(
  ...parts: readonly [DateCycle, ...DateCycle[]]
): Transformer<DateColumn, "number"> {
  return { kind: "dateCycles", settings: { parts } };
}

/** The kind of step behind {@link dateParts}. */
export const datePartsStep: StepDefinition<
  { readonly parts: readonly DatePart[] },
  v.InferOutput<typeof partsState>
> = {
  kind: "dateParts",
  state: partsState,
  takes: "date",
  fit: async ({ parts }, columns) => ({ units: unitsOf("dateParts", columns, parts), parts: [...parts] }),
  names: ({ parts }, columns) => columns.flatMap((name) => parts.map((part) => `${name} ${part}`)),
  sql: ({ parts }, columns) =>
    columns.flatMap((column) =>
      parts.map((part) => ({ type: "number" as const, sql: `${sqlPart(column, part)}::DOUBLE` })),
    ),
  trace: ({ parts }, columns) =>
    columns.flatMap((column) => {
      const { of, isGone } = tracedParts(column);
      return parts.map((part) => withMissing(of(part).cast("float64"), isGone));
    }),
};

/** The kind of step behind {@link dateCycles}. */
export const dateCyclesStep: StepDefinition<
  { readonly parts: readonly DateCycle[] },
  v.InferOutput<typeof cyclesState>
> = {
  kind: "dateCycles",
  state: cyclesState,
  takes: "date",
  fit: async ({ parts }, columns) => ({ units: unitsOf("dateCycles", columns, parts), parts: [...parts] }),
  names: ({ parts }, columns) =>
    columns.flatMap((name) => parts.flatMap((part) => [`${name} ${part} sin`, `${name} ${part} cos`])),
  sql: ({ parts }, columns) =>
    columns.flatMap((column) =>
      parts.flatMap((part) => {
        const { first, length } = cycles[part];
        const angle = `2 * pi() * (${sqlPart(column, part)} - ${first}) / ${length}`;
        return ["sin", "cos"].map((wave) => ({ type: "number" as const, sql: `${wave}(${angle})` }));
      }),
    ),
  trace: ({ parts }, columns) =>
    columns.flatMap((column) => {
      const { of, isGone } = tracedParts(column);
      return parts.flatMap((part) => {
        const { first, length } = cycles[part];
        const angles = Array.from({ length }, (_, at) => (2 * Math.PI * at) / length);
        return [Math.sin, Math.cos].map((wave) =>
          withMissing(numberAt(of(part).sub(first), angles.map(wave), Number.NaN), isGone),
        );
      });
    }),
};

function unitsOf(kind: string, columns: readonly SqlColumn[], parts: readonly DatePart[]): TimeUnit[] {
  return columns.map(({ name, unit = "days" }) => {
    const ofTime = parts.find((part) => part === "hour" || part === "minute");
    if (unit === "days" && ofTime !== undefined)
      throw new InvalidInputError(
        `${kind}: column "${name}" holds dates without a time, which have no ${ofTime}`,
      );
    return unit;
  });
}

const sqlFunctions: Readonly<Record<DatePart, (time: string) => string>> = {
  year: (time) => `year(${time})`,
  month: (time) => `month(${time})`,
  day: (time) => `day(${time})`,
  weekday: (time) => `(isodow(${time}) - 1)`,
  dayOfYear: (time) => `dayofyear(${time})`,
  hour: (time) => `hour(${time})`,
  minute: (time) => `minute(${time})`,
};

function sqlPart({ sql, unit }: SqlColumn, part: DatePart): string {
  return sqlFunctions[part](`make_timestamp(${unit === "days" ? `${sql} * 86400000000` : sql})`);
}

/** The parts of a column of a batch as whole numbers, and where the date is missing. */
function tracedParts({ tensor, unit }: TracedColumn): {
  readonly of: (part: DatePart) => Tensor;
  readonly isGone: Tensor | undefined;
} {
  const isGone = tensor.dtype === "float64" ? isMissing(tensor) : undefined;
  const time = (isGone ? where(isGone, 0, tensor) : tensor).cast("int64");
  return { of: calendarParts(time, unit ?? "days"), isGone };
}

function withMissing(values: Tensor, isGone: Tensor | undefined): Tensor {
  return isGone ? where(isGone, Number.NaN, values) : values;
}
