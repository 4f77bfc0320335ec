/** @file Arithmetic on sizes of which some are names: what shape computations in models do. */
import type { Dimension } from "../shape.ts";

type Binary = (a: number, b: number) => number;

/** What an operator makes of two sizes; undefined where a name leaves it open. Sizes with names are never negative. */
export function combine(operator: string, a: Dimension, b: Dimension): Dimension | undefined {
  if (typeof a === "number" && typeof b === "number") return numeric[operator]?.(a, b);
  switch (operator) {
    case "Add":
      return a === 0 ? b : b === 0 ? a : `${a}+${b}`;
    case "Sub":
      return a === b ? 0 : b === 0 ? a : undefined;
    case "Mul":
      if (a === 0 || b === 0) return 0;
      return a === 1 ? b : b === 1 ? a : `${a}*${b}`;
    case "Div":
      return b === 1 ? a : a === b ? 1 : quotient(a, b);
    case "Equal":
      return a === b ? 1 : isNegative(a) || isNegative(b) ? 0 : undefined;
    case "Less":
      return isNegative(a) ? 1 : b === 0 || isNegative(b) ? 0 : undefined;
    case "Greater":
      return isNegative(b) ? 1 : a === 0 || isNegative(a) ? 0 : undefined;
    case "LessOrEqual":
      return a === 0 || isNegative(a) ? 1 : isNegative(b) ? 0 : undefined;
    case "GreaterOrEqual":
      return b === 0 || isNegative(b) ? 1 : isNegative(a) ? 0 : undefined;
    case "Max":
      return typeof a === "number" && a <= 0 ? b : typeof b === "number" && b <= 0 ? a : undefined;
    default:
      return undefined;
  }
}

function isNegative(size: Dimension): boolean {
  return typeof size === "number" && size < 0;
}

/** `batch*4` over 4 is `batch`. */
function quotient(a: Dimension, b: Dimension): Dimension | undefined {
  const factor = `*${b}`;
  return typeof a === "string" && a.endsWith(factor) ? a.slice(0, -factor.length) : undefined;
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

const numeric: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
  Mod: (a, b) => a - b * Math.floor(a / b),
  Equal: (a, b) => truth(a === b),
  Less: (a, b) => truth(a < b),
  Greater: (a, b) => truth(a > b),
  LessOrEqual: (a, b) => truth(a <= b),
  GreaterOrEqual: (a, b) => truth(a >= b),
  And: (a, b) => truth(a !== 0 && b !== 0),
  Or: (a, b) => truth(a !== 0 || b !== 0),
  Xor: (a, b) => truth((a !== 0) !== (b !== 0)),
};

/** The operators that {@link combine} knows. */
export const binaryOperators: readonly string[] = Object.keys(numeric);
