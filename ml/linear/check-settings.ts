import { InvalidInputError } from "../errors.ts";

/** Throws {@link InvalidInputError} unless a setting is from 0 to 1. */
export function requireShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new InvalidInputError(`${name} must be a number from 0 to 1, not ${value}`);
}

/** Throws {@link InvalidInputError} unless a setting is one of those that there are. */
export function requireOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (!known.includes(value))
    throw new InvalidInputError(`${name} must be one of ${known.join(", ")}, not ${String(value)}`);
}
