/**
 * @file The values of rows, checked against a signature and in one form: what JSON, a program or a caller gives becomes a text or
 * a number. Dates are whole days, instants whole microseconds since 1970 (UTC); what is missing is undefined.
 */
import { InvalidInputError } from "../errors.ts";
import { valueKind, type SignatureInput } from "./signature.ts";

/** A value of a row. Missing ones are null, undefined or NaN; dates and times may be ISO texts, which are UTC without a zone. */
export type RowValue = string | number | bigint | boolean | Date | null | undefined;

/** A row that a model is asked about, by column. */
export type ModelRow = Readonly<Record<string, RowValue>>;

/** A checked value. */
export type Cell = string | number | undefined;

const microsecondsADay = 86_400_000_000;

/**
 * The values of one column of rows.
 * @throws {@link InvalidInputError} that names the column and the row, for a value of another type, and for one that is missing
 * where the model needs it
 */
export function columnCells(input: SignatureInput, rows: readonly ModelRow[]): readonly Cell[] {
  return rows.map((row, at) => {
    const value = Object.hasOwn(row, input.name) ? row[input.name] : undefined;
    const cell = cellOf(input, value);
    if (cell === "wrong")
      throw new InvalidInputError(
        `column "${input.name}" of row ${at} is ${shown(value)}, where ${expectations[valueKind(input.type)]} is needed`,
      );
    if (cell.value === undefined && input.required)
      throw new InvalidInputError(
        `column "${input.name}" of row ${at} has no value, and the model needs one`,
      );
    return cell.value;
  });
}

const expectations = {
  boolean: "true or false",
  integer: "a whole number",
  float: "a number",
  text: "a text",
  date: "a date such as 2026-01-31",
  timestamp: "a time such as 2026-01-31T12:00:00",
} as const;

function shown(value: RowValue): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function cellOf({ type }: SignatureInput, value: RowValue): { readonly value: Cell } | "wrong" {
  if (value === null || value === undefined || Number.isNaN(value)) return { value: undefined };
  const kind = valueKind(type);
  if (kind === "text") return typeof value === "string" ? { value } : "wrong";
  if (kind === "date" || kind === "timestamp") {
    const instant = microseconds(value);
    if (instant === undefined) return "wrong";
    return { value: kind === "date" ? Math.floor(instant / microsecondsADay) : instant };
  }
  if (kind === "boolean") return typeof value === "boolean" ? { value: Number(value) } : "wrong";
  const number = numberOf(value);
  if (number === undefined || (kind === "integer" && !Number.isInteger(number))) return "wrong";
  return { value: number };
}

function numberOf(value: RowValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  // JSON has no other form for them.
  if (value === "Infinity") return Infinity;
  return value === "-Infinity" ? -Infinity : undefined;
}

const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/;

function microseconds(value: RowValue): number | undefined {
  if (value instanceof Date) {
    const time = value.getTime();
    return Number.isNaN(time) ? undefined : time * 1000;
  }
  if (typeof value !== "string") return undefined;
  const parts = isoTime.exec(value);
  if (!parts) return undefined;
  const [, day = "", minute = "00:00", second = "00", fraction = "", zone = "Z"] = parts;
  const time = Date.parse(`${day}T${minute}:${second}${zone}`);
  // Date.parse takes the 31st of February for the 3rd of March.
  if (Number.isNaN(time) || new Date(`${day}T00:00Z`).getUTCDate() !== Number(day.slice(8))) return undefined;
  return time * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
