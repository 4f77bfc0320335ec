/** @file Completions that a notebook should get right. Data only, so that any kernel can be asked. */

export interface CompletionCase {
  readonly name: string;
  /** Cells that were executed before. */
  readonly setup: readonly string[];
  /** The cell with {@link cursorMark} where the cursor is. */
  readonly source: string;
  /** Texts that must be offered. */
  readonly expected: readonly string[];
  /** Texts that must not be offered. */
  readonly forbidden: readonly string[];
}

export const cursorMark = "¦";

/** The cell without its mark, and the mark's offset in UTF-16 code units. */
export function atCursor(source: string): { readonly code: string; readonly offset: number } {
  const offset = source.indexOf(cursorMark);
  return { code: source.replace(cursorMark, ""), offset };
}

export const completionCases: readonly CompletionCase[] = [
  {
    name: "members of an inferred array",
    setup: ["const xs = [1, 2, 3].map((x) => ({ id: x, label: `${x}` }))"],
    source: "xs.fi¦",
    expected: ["filter", "find", "findLast", "fill"],
    forbidden: ["map", "toFixed"],
  },
  {
    name: "members of an element's type",
    setup: ["const xs = [1, 2, 3].map((x) => ({ id: x, label: `${x}` }))"],
    source: "xs[0]!.¦",
    expected: ["id", "label"],
    forbidden: ["map", "length"],
  },
  {
    name: "an awaited promise",
    setup: ["const load = async () => ({ rows: 5, columns: ['a'] })"],
    source: "(await load()).¦",
    expected: ["rows", "columns"],
    forbidden: ["then", "catch"],
  },
  {
    name: "a promise itself",
    setup: ["const load = async () => ({ rows: 5 })"],
    source: "load().¦",
    expected: ["then", "catch", "finally"],
    forbidden: ["rows"],
  },
  {
    name: "a generic function's result",
    setup: ["function first<T>(items: readonly T[]): T { return items[0]! }"],
    source: "first([{ width: 1, height: 2 }]).¦",
    expected: ["width", "height"],
    forbidden: ["length"],
  },
  {
    name: "a chain of calls",
    setup: [],
    source: '"a,b".split(",").map((part) => part.length).red¦',
    expected: ["reduce", "reduceRight"],
    forbidden: ["split"],
  },
  {
    name: "a parameter of a callback",
    setup: ["const people = [{ first: 'Ada', born: 1815 }]"],
    source: "people.map((person) => person.¦)",
    expected: ["first", "born"],
    forbidden: ["map"],
  },
  {
    name: "a destructured name",
    setup: ["const { config, ...others } = { config: { depth: 1 }, left: 2, right: 3 }"],
    source: "others.¦",
    expected: ["left", "right"],
    forbidden: ["config", "depth"],
  },
  {
    name: "an imported module's members",
    setup: ['import * as path from "node:path"'],
    source: "path.jo¦",
    expected: ["join"],
    forbidden: ["resolve"],
  },
  {
    name: "the names that a module exports",
    setup: [],
    source: 'import { readFileS¦ } from "node:fs"',
    expected: ["readFileSync"],
    forbidden: ["writeFileSync"],
  },
  {
    name: "a tuple's element",
    setup: ["const pair: [name: string, born: Date] = ['Ada', new Date(0)]"],
    source: "pair[1].getFull¦",
    expected: ["getFullYear"],
    forbidden: ["charAt"],
  },
  {
    name: "an enum's members",
    setup: ["enum Level { Low, Medium, High }"],
    source: "Level.¦",
    expected: ["Low", "Medium", "High"],
    forbidden: ["toString"],
  },
  {
    name: "private members inside their class",
    setup: [],
    source: "class Account { #balance = 0; private owner = 'a'; show() { return this.¦ } }",
    expected: ["#balance", "owner", "show"],
    forbidden: [],
  },
  {
    name: "no private members from outside",
    setup: [
      "class Account { #balance = 0; private owner = 'a'; show() { return 1 } }\nconst account = new Account()",
    ],
    source: "account.¦",
    expected: ["show"],
    forbidden: ["#balance", "owner"],
  },
  {
    name: "static members",
    setup: ["class Shape { static unit() { return new Shape() } side = 1 }"],
    source: "Shape.u¦",
    expected: ["unit"],
    forbidden: ["side"],
  },
  {
    name: "a narrowed union",
    setup: [
      "type Shape = { kind: 'circle'; radius: number } | { kind: 'square'; side: number }\ndeclare const shape: Shape",
    ],
    source: "if (shape.kind === 'circle') { shape.¦ }",
    expected: ["kind", "radius"],
    forbidden: ["side"],
  },
  {
    name: "a union of strings as an argument",
    setup: ["function paint(color: 'red' | 'green' | 'blue') {}"],
    source: 'paint("¦")',
    expected: ["red", "green", "blue"],
    forbidden: ["paint"],
  },
  {
    name: "a comparison with a union of strings",
    setup: ["declare const mode: 'train' | 'evaluate'"],
    source: "if (mode === '¦') {}",
    expected: ["train", "evaluate"],
    forbidden: ["mode"],
  },
  {
    name: "optional chaining",
    setup: ["declare const user: { address?: { street: string; city: string } } | undefined"],
    source: "user?.address?.¦",
    expected: ["street", "city"],
    forbidden: ["address"],
  },
  {
    name: "keys of an object literal with a known type",
    setup: [
      "interface Options { epochs: number; batchSize?: number; shuffle?: boolean }\nfunction train(options: Options) {}",
    ],
    source: "train({ epochs: 1, ¦ })",
    expected: ["batchSize", "shuffle"],
    forbidden: ["epochs", "console"],
  },
  {
    name: "names of earlier cells",
    setup: ["const accuracy = 0.5; function accumulate() {}", "class Accumulator {}"],
    source: "acc¦",
    expected: ["accuracy", "accumulate"],
    forbidden: [],
  },
  {
    name: "a name of an earlier cell with its newest type",
    setup: ["const value = [1]", "const value = 'text'"],
    source: "value.¦",
    expected: ["toUpperCase", "length"],
    forbidden: ["push"],
  },
  {
    name: "local names, but not those declared later",
    setup: [],
    source: "const totalBefore = 1\ntotal¦\nconst totalAfter = 2",
    expected: ["totalBefore"],
    forbidden: ["totalAfter"],
  },
  {
    name: "parameters and names around a function",
    setup: ["const offsetBase = 1"],
    source: "const offsetOuter = 1\nfunction move(offsetBy: number) {\n  return offset¦\n}",
    expected: ["offsetBase", "offsetOuter", "offsetBy"],
    forbidden: [],
  },
  {
    name: "a member while the rest is half typed",
    setup: ["const numbers = [1, 2, 3]"],
    source: "for (const n of numbers) {\n  console.log(n.toF¦\n",
    expected: ["toFixed"],
    forbidden: ["toUpperCase"],
  },
  {
    name: "a member before more lines",
    setup: ["const words = ['a']"],
    source: "words.¦\nconst later = 1\nlater + 1",
    expected: ["join", "push"],
    forbidden: ["later"],
  },
  {
    name: "Node's modules in an import",
    setup: [],
    source: 'import fs from "node:f¦',
    expected: ["node:fs", "node:fs/promises"],
    forbidden: ["node:path"],
  },
  {
    name: "globals",
    setup: [],
    source: "structured¦",
    expected: ["structuredClone"],
    forbidden: [],
  },
  {
    name: "members of a global",
    setup: [],
    source: "Math.ma¦",
    expected: ["max"],
    forbidden: ["min"],
  },
  {
    name: "members of parsed JSON with a type",
    setup: ["interface Config { host: string; port: number }\nconst config = JSON.parse('{}') as Config"],
    source: "config.p¦",
    expected: ["port"],
    forbidden: ["host"],
  },
  {
    name: "a type's name",
    setup: ["interface Measurement { value: number }"],
    source: "const m: Meas¦",
    expected: ["Measurement"],
    forbidden: [],
  },
  {
    name: "a mapped type's keys",
    setup: ["const flags: Record<'verbose' | 'quiet', boolean> = { verbose: true, quiet: false }"],
    source: "flags.¦",
    expected: ["verbose", "quiet"],
    forbidden: ["toFixed"],
  },
  {
    name: "inside a template",
    setup: ["const station = { city: 'Oslo', code: 'OSL' }"],
    source: "console.log(`from ${station.¦} on`)",
    expected: ["city", "code"],
    forbidden: [],
  },
  {
    name: "nothing in comments",
    setup: ["const numbers = [1]"],
    source: "// numbers.¦",
    expected: [],
    forbidden: ["map", "length"],
  },
];
