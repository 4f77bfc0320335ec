/** @file The Gregorian calendar on whole numbers: days since 1970 to year, month and day, as a tensor program. */
import { floorDivide, remainder, where } from "../graph/functions/elementwise.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { TimeUnit } from "./step.ts";

/** The parts of a date. */
export const datePartNames = ["year", "month", "day", "weekday", "dayOfYear", "hour", "minute"] as const;

/** A part of a date: weekdays count from 0 for Monday, days of the year from 1. */
export type DatePart = (typeof datePartNames)[number];

const dayMicroseconds = 86_400_000_000;

/**
 * The parts of times (int64) in UTC, as int64. After H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 * (civil_from_days): years begin in March, so that the leap day is their last.
 */
export function calendarParts(time: Tensor, unit: TimeUnit): (part: DatePart) => Tensor {
  const days = unit === "days" ? time : floorDivide(time, dayMicroseconds);
  const ofDay = (microseconds: number): Tensor =>
    unit === "days" ? days.mul(0) : floorDivide(remainder(time, dayMicroseconds), microseconds);
  const fromMarch0 = days.add(719_468);
  const era = floorDivide(fromMarch0, 146_097);
  const dayOfEra = fromMarch0.sub(era.mul(146_097));
  const yearOfEra = dayOfEra
    .sub(dayOfEra.div(1460))
    .add(dayOfEra.div(36_524))
    .sub(dayOfEra.div(146_096))
    .div(365);
  const dayFromMarch = dayOfEra.sub(yearOfEra.mul(365).add(yearOfEra.div(4)).sub(yearOfEra.div(100)));
  const monthFromMarch = dayFromMarch.mul(5).add(2).div(153);
  const isNextYear = monthFromMarch.greaterOrEqual(10);
  const month = monthFromMarch.add(where(isNextYear, monthFromMarch.mul(0).sub(9), 3));
  const year = yearOfEra.add(era.mul(400)).add(isNextYear.cast("int64"));
  const before = year.sub(1);
  const firstOfYear = before
    .mul(365)
    .add(floorDivide(before, 4))
    .sub(floorDivide(before, 100))
    .add(floorDivide(before, 400))
    .sub(719_162);
  const parts: Readonly<Record<DatePart, () => Tensor>> = {
    year: () => year,
    month: () => month,
    day: () => dayFromMarch.sub(monthFromMarch.mul(153).add(2).div(5)).add(1),
    weekday: () => remainder(days.add(3), 7),
    dayOfYear: () => days.sub(firstOfYear).add(1),
    hour: () => ofDay(3_600_000_000),
    minute: () => remainder(ofDay(60_000_000), 60),
  };
  return (part) => parts[part]();
}
