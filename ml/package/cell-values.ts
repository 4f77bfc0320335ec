/**
 * @file The values of rows, checked against a signature and in one form: what JSON, a program or a caller gives becomes a text or
 * a number. Dates are whole days, instants whole microseconds since 1970 (UTC); what is missing is undefined.
 */
import { InvalidInputError } from "../errors.ts";
import { valueKind, type SignatureInput } from "./signature.ts";

/** A value of a row. Missing ones are null, undefined or NaN; dates and times may be ISO texts, which are UTC without a zone. */
export type RowValue = string | number | bigint | boolean | Date | RowTensor | null | undefined;

/** A tensor of a row: lists in lists, or its elements in order. */
export type RowTensor = readonly (string | number | bigint | boolean | RowTensor)[];

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
  return rows.map((row, at) =>
    checkedCell(input, Object.hasOwn(row, input.name) ? row[input.name] : undefined, at),
  );
}

/**
 * One value of a column, whatever it was given as.
 * @throws {@link InvalidInputError} as {@link columnCells}
 */
export function checkedCell(
  input: Pick<SignatureInput, "name" | "type" | "required">,
  value: unknown,
  row: number,
): Cell {
  const cell = cellOf(input, value);
  if (cell === "wrong")
    throw new InvalidInputError(
      `column "${input.name}" of row ${row} is ${shown(value)}, where ${expectation(input, value)} is needed`,
    );
  if (cell.value === undefined && input.required)
    throw new InvalidInputError(`column "${input.name}" of row ${row} has no value, and the model needs one`);
  return cell.value;
}

const expectations = {
  boolean: "true or false",
  integer: "a whole number",
  float: "a number",
  text: "a text",
  date: "a date such as 2026-01-31",
  timestamp: "a time such as 2026-01-31T12:00:00",
} as const;

function expectation({ type }: Pick<SignatureInput, "type">, value: unknown): string {
  const needed = expectations[valueKind(type)];
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  // Beyond it one whole number would be taken for another.
  return isWhole && needed === expectations.integer ? `${needed} between -2^53 and 2^53` : needed;
}

/** How much of a value an error shows. */
const mostShown = 80;

function shown(value: unknown): string {
  // Numbers and dates that JSON has no form for, whole ones beyond it, and what it leaves out.
  const isPlain = ["number", "bigint", "undefined"].includes(typeof value) || value instanceof Date;
  // Objects may be deeper than they can be written.
  const kind = Array.isArray(value) ? "a list" : "an object";
  const isObject = typeof value === "object" && value !== null;
  const text = isPlain ? String(value) : isObject ? kind : (JSON.stringify(value) ?? typeof value);
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

function cellOf({ type }: Pick<SignatureInput, "type">, value: unknown): { readonly value: Cell } | "wrong" {
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
  if (number === undefined || (kind === "integer" && !Number.isSafeInteger(number))) return "wrong";
  return { value: number };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  // JSON has no other form for them.
  if (value === "Infinity") return Infinity;
  return value === "-Infinity" ? -Infinity : undefined;
}

const isoTime = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/;

function microseconds(value: unknown): number | undefined {
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
