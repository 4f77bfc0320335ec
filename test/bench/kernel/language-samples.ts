/** @file What completion and inspection are asked, with what a right answer holds. `‸` marks the cursor. */

import { completionCases as cellCases, cursorMark } from "../../cells/completion-cases.ts";

export interface CompletionCase {
  readonly name: string;
  /** Cells that run first. */
  readonly before: readonly string[];
  readonly code: string;
  /** Names that must be offered. */
  readonly expect: readonly string[];
  /** Names that must not be. */
  readonly reject?: readonly string[];
}

const ownCases: readonly CompletionCase[] = [
  { name: "global", before: [], code: "Arr‸", expect: ["Array", "ArrayBuffer"] },
  { name: "member of a global", before: [], code: "Math.s‸", expect: ["sin", "sqrt"] },
  {
    name: "name of an earlier cell",
    before: ["const benchmarkNumbers = [1, 2, 3];"],
    code: "benchmarkN‸",
    expect: ["benchmarkNumbers"],
  },
  {
    name: "member of an earlier cell's value",
    before: ["const benchmarkNumbers = [1, 2, 3];"],
    code: "benchmarkNumbers.fl‸",
    expect: ["flatMap"],
    reject: ["charAt"],
  },
  {
    name: "property of an object literal",
    before: ["const row = { station: 'A', delay: 3 };"],
    code: "row.‸",
    expect: ["station", "delay"],
  },
  {
    name: "member after a call",
    before: ["function makePoint() { return { x: 1, y: 2 }; }"],
    code: "makePoint().‸",
    expect: ["x", "y"],
  },
  {
    name: "property of an interface in the same cell",
    before: [],
    code: "interface Car { wheels: number; color: string }\nfunction paint(car: Car) { return car.‸ }",
    expect: ["wheels", "color"],
  },
  {
    name: "callback parameter",
    before: ["const people = [{ first: 'Ada', born: 1815 }];"],
    code: "people.map((person) => person.‸)",
    expect: ["first", "born"],
  },
  {
    name: "string literal of a union",
    before: ["function turn(way: 'clockwise' | 'backwards') { return way; }"],
    code: "turn('‸')",
    expect: ["clockwise", "backwards"],
  },
  {
    name: "key of an object argument",
    before: ["function plot(options: { width?: number; height?: number }) { return options; }"],
    code: "plot({ wi‸ })",
    expect: ["width"],
  },
  {
    name: "member of an awaited value",
    before: ["async function load() { return { rows: 3, columns: ['a'] }; }"],
    code: "(await load()).‸",
    expect: ["rows", "columns"],
  },
  {
    name: "member of an import",
    before: ["import * as path from 'node:path';"],
    code: "path.jo‸",
    expect: ["join"],
  },
  {
    name: "member in a new cell's own import",
    before: [],
    code: "import os from 'node:os';\nos.cp‸",
    expect: ["cpus"],
  },
  {
    name: "private member hidden",
    before: ["class Purse { private coins = 3; open() { return 1; } }", "const purse = new Purse();"],
    code: "purse.‸",
    expect: ["open"],
    reject: ["coins"],
  },
  {
    name: "redeclared with another type",
    before: ["let changing: unknown = 1; let thing = 'text';", "let thing = [1];"],
    code: "thing.‸",
    expect: ["flatMap"],
    reject: ["charAt"],
  },
  {
    name: "type name",
    before: ["interface Walnut { shell: string }"],
    code: "let nut: Waln‸",
    expect: ["Walnut"],
  },
];

/** These, and the ones that our own completion is tested with. */
export const completionCases: readonly CompletionCase[] = [
  ...ownCases,
  ...cellCases.map(({ name, setup, source, expected, forbidden }) => ({
    name,
    before: setup,
    code: source.replace(cursorMark, "‸"),
    expect: expected,
    reject: forbidden,
  })),
];

export const pythonCompletions: readonly { before: readonly string[]; code: string }[] = [
  { before: ["numbers = [1, 2, 3]"], code: "numbers.ap‸" },
  { before: ["import os"], code: "os.path.jo‸" },
  { before: ["row = {'station': 'A'}"], code: "row.ke‸" },
];

/** One question about a name; the answer must hold each of `expect`. */
export interface InspectCase {
  readonly name: string;
  readonly before: readonly string[];
  readonly code: string;
  readonly expect: readonly string[];
}

export const inspectCases: Readonly<Record<"typescript" | "python", readonly InspectCase[]>> = {
  typescript: [
    {
      name: "function",
      before: ["/** Adds two numbers. */\nfunction plus(a: number, b: number) { return a + b; }"],
      code: "plu‸s",
      expect: ["plus(a: number, b: number): number", "Adds two numbers."],
    },
    { name: "value", before: ["const sizes = [1, 2, 3];"], code: "siz‸es", expect: ["number[]"] },
    { name: "member", before: [], code: "Math.sqr‸t(4)", expect: ["sqrt(x: number): number"] },
    {
      name: "method of a value",
      before: ["const sizes = [1, 2, 3];"],
      code: "sizes.ma‸p",
      expect: ["callbackfn"],
    },
    {
      name: "import",
      before: ["import { join } from 'node:path';"],
      code: "joi‸n",
      expect: ["paths: string[]"],
    },
  ],
  python: [
    {
      name: "function",
      before: ["def plus(a: int, b: int):\n    'Adds two numbers.'\n    return a + b"],
      code: "plu‸s",
      expect: ["plus", "Adds two numbers."],
    },
    { name: "value", before: ["sizes = [1, 2, 3]"], code: "siz‸es", expect: ["list"] },
    { name: "member", before: ["import math"], code: "math.sqr‸t", expect: ["square root"] },
  ],
};
