/** @file How values of options are read: those that repeat, pairs, numbers. */
import { InvalidArgumentError } from "commander";
import { CommandFailure, exitCode } from "./failure.ts";

/** Gathers an option that may be given more than once. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Reads a whole number from 1 up. @throws {InvalidArgumentError} */
export function count(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError("It must be a whole number from 1 up.");
  return Number(value);
}

/** Gathers whole numbers. @throws {InvalidArgumentError} */
export function collectCounts(value: string, before: readonly number[]): readonly number[] {
  return [...before, count(value)];
}

/** Reads the `NAME=VALUE` of an option. @throws {CommandFailure} */
export function namedValues(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1)
        throw new CommandFailure(`${option} takes NAME=VALUE, not ${JSON.stringify(text)}`, exitCode.usage);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
