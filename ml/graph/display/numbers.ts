/** @file The elements of a tensor as text: as short as tells them apart at four decimals, all of one form. */
import { bfloat16Value, float16Value } from "../half.ts";
import type { TensorData } from "../runtime/tensor-data.ts";

/** An element as JavaScript holds it: halves decoded, truth values as booleans. */
export type Element = number | bigint | boolean | string;

/** Reads single elements of a tensor's data by position. */
export function elementReader({ dtype, data }: TensorData): (index: number) => Element {
  switch (dtype) {
    case "float16":
      return (index) => float16Value(data[index] ?? 0);
    case "bfloat16":
      return (index) => bfloat16Value(data[index] ?? 0);
    case "bool":
      return (index) => data[index] === 1;
    default:
      return (index) => data[index] ?? 0;
  }
}

const decimals = 4;

/** Texts of elements in one form: plain where that is readable, with exponents where sizes differ too much. */
export function formatElements(elements: readonly Element[], isFloat: boolean): string[] {
  if (!isFloat)
    return elements.map((element) =>
      typeof element === "string" ? JSON.stringify(element) : String(element),
    );
  const numbers = elements.map(Number);
  const sizes = numbers.filter((number) => Number.isFinite(number) && number !== 0).map(Math.abs);
  const largest = Math.max(0, ...sizes);
  const smallest = Math.min(Number.POSITIVE_INFINITY, ...sizes);
  const areWhole = sizes.every((size) => Number.isInteger(size));
  // Plain numbers that would lose their digits at four decimals, or take more room than exponents.
  if (largest >= 1e8 || (!areWhole && (smallest < 1e-4 || largest / smallest > 1e5)))
    return numbers.map((number) => special(number) ?? number.toExponential(decimals));
  const needed = Math.max(0, ...numbers.map(decimalsOf));
  return numbers.map((number) => special(number) ?? (needed === 0 ? `${number}.` : number.toFixed(needed)));
}

function special(number: number): string | undefined {
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
  return undefined;
}

function decimalsOf(number: number): number {
  if (!Number.isFinite(number)) return 0;
  const [, fraction = ""] = number.toFixed(decimals).split(".");
  return fraction.replace(/0+$/, "").length;
}
