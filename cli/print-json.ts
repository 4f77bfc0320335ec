import type { Terminal } from "./terminal.ts";

/** Prints a value as JSON; numbers that JSON lacks are texts: "NaN", "Infinity". */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.line(
    JSON.stringify(
      value,
      (_, each: unknown) => (typeof each === "number" && !Number.isFinite(each) ? String(each) : each),
      2,
    ),
  );
}
