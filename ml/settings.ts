/** @file Checks of an optimizer's and a schedule's settings, which may come from a file. */
import { InvalidInputError } from "./errors.ts";

/** Throws {@link InvalidInputError} unless a setting is a finite number from zero up. */
export function requireNotNegative(name: string, value: number): void {
  require(name, value, value >= 0, "a number from 0 up");
}

/** Throws {@link InvalidInputError} unless a setting is a finite number above zero. */
export function requirePositive(name: string, value: number): void {
  require(name, value, value > 0, "a number above 0");
}

/**
 * Throws {@link InvalidInputError} unless an `eps` is above zero in float32 too: without it an entry that never had a
 * gradient would become 0 / 0.
 */
export function requireEpsilon(value: number): void {
  require("eps", value, Math.fround(value) > 0, "a number above 0 that float32 can hold");
}

/** Throws {@link InvalidInputError} unless a setting is from 0 up and below 1, as the decay of a running mean is. */
export function requireDecayRate(name: string, value: number): void {
  require(name, value, value >= 0 && value < 1, "a number from 0 up and below 1");
}

/** Throws {@link InvalidInputError} unless a setting is a whole number from 1 up. */
export function requireCount(name: string, value: number): void {
  require(name, value, Number.isSafeInteger(value) && value >= 1, "a whole number from 1 up");
}

/** Throws {@link InvalidInputError} unless a setting is a whole number from 0 up. */
export function requireIndex(name: string, value: number): void {
  require(name, value, Number.isSafeInteger(value) && value >= 0, "a whole number from 0 up");
}

/** The error for plain data of a kind that is none of those known. */
export function unknownKind(what: string, settings: never): InvalidInputError {
  const { kind } = Object(settings) as { readonly kind?: unknown };
  return new InvalidInputError(`there is no ${what} of kind ${JSON.stringify(kind)}`);
}

function require(name: string, value: number, holds: boolean, expected: string): void {
  if (!Number.isFinite(value) || !holds)
    throw new InvalidInputError(`${name} must be ${expected}, not ${value}`);
}
