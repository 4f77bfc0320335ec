/** @file What was meant where a text is none of those that fit: TypeScript suggests it for names, but not for arguments. */
import { nearest } from "../parameters/nearest.ts";
import type { CellDiagnostic } from "../types.ts";

const argumentNotAssignable = 2345;
const text = /"(?:[^"\\]|\\.)*"/g;

/** The problem with the likely text; `others` has more texts for where TypeScript shortens the list. */
export function withMeantText(diagnostic: CellDiagnostic, others: () => readonly string[]): CellDiagnostic {
  if (diagnostic.code !== argumentNotAssignable) return diagnostic;
  const [first = "", ...rest] = diagnostic.message.split("\n");
  const [, given, fitting = ""] =
    /^Argument of type '("(?:[^"\\]|\\.)*")' is not assignable to parameter of type '(.+)'\.$/.exec(first) ??
    [];
  if (given === undefined) return diagnostic;
  const isShortened = /\.{3} \d+ more \.{3}/.test(fitting);
  const written = [...fitting.matchAll(text)].map(([each]) => each);
  const candidates = [...written, ...(isShortened ? others().map((each) => JSON.stringify(each)) : [])];
  const meant = nearest(given, candidates);
  if (meant === undefined) return diagnostic;
  return { ...diagnostic, message: [`${first} Did you mean '${meant}'?`, ...rest].join("\n") };
}
