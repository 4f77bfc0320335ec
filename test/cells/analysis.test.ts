import assert from "node:assert/strict";
import { analyseCell } from "../../cells/analyse-cell.ts";
import { dependents, nameGraph } from "../../cells/name-graph.ts";
import { ModuleText } from "../../cells/text-map.ts";

const declared = (source: string): string[] =>
  analyseCell(source).declarations.map(({ name, kind }) => `${kind} ${name}`);
const free = (source: string): string[] => [...analyseCell(source).freeNames.keys()].sort();

describe("cell analysis", () => {
  it("finds declarations of every kind", () => {
    assert.deepEqual(
      declared(
        'import a, { b as c, type D } from "x"; import * as e from "y"; import type { F } from "z"; let g = 1; const { h, i: [j], ...k } = o; var l; function m() {} class N {} enum O { A } namespace P.Q { export const z = 1 } interface R {} type S = 1; export const t = 1; export default class U {}',
      ),
      [
        "import a",
        "import c",
        "type import D",
        "import e",
        "type import F",
        "variable g",
        "constant h",
        "constant j",
        "constant k",
        "variable l",
        "function m",
        "class N",
        "enum O",
        "namespace P",
        "interface R",
        "type S",
        "constant t",
        "class U",
      ],
    );
  });

  it("finds the names that come from elsewhere", () => {
    assert.deepEqual(free("const y = x + 1; y"), ["x"]);
    assert.deepEqual(free("xs.map((x) => x * factor)"), ["factor", "xs"]);
    assert.deepEqual(free("function f({ a, b: [c] = d }: T) { let e = a; return { c, e, g } }"), [
      "T",
      "d",
      "g",
    ]);
    assert.deepEqual(free("label: for (const i of list) { if (i) continue label }"), ["list"]);
    assert.deepEqual(
      free("class A<T> extends B implements C<T> { m(x: T) { return this.y ?? z } static [k] = 1 }"),
      ["B", "C", "k", "z"],
    );
    assert.deepEqual(free("type X<T> = { [K in keyof T]: T[K] extends (infer U)[] ? U : V }"), ["V"]);
    assert.deepEqual(free("try { a() } catch (error) { throw error }"), ["a"]);
    assert.deepEqual(free("o.p.q; ({ key: value, short })"), ["o", "short", "value"]);
    assert.deepEqual(free("enum E { A = 1, B = A | outer }"), ["outer"]);
    assert.deepEqual(free("if (x) { let inner = 1 } inner"), ["inner", "x"]);
  });

  it("takes words where the syntax is broken", () => {
    const { declarations, freeNames, problems } = analyseCell(
      "const total = xs.reduce(\nimport { a } from 'b'",
    );
    assert.deepEqual(
      declarations.map(({ name }) => name),
      ["total", "a"],
    );
    assert.ok(freeNames.has("xs"));
    assert.ok(!freeNames.has("reduce"));
    assert.equal(problems.length, 1);
  });

  it("keeps doc comments", () => {
    const [declaration] = analyseCell("/** How many. */\nexport const n = 1").declarations;
    assert.equal(declaration?.documentation, "/** How many. */");
  });

  it("sees an object literal at the end as an expression", () => {
    assert.deepEqual(analyseCell("{ a: 1, b: c }").problems, []);
    assert.deepEqual(free("const x = 1\n{ a: x, b: c } // d"), ["c"]);
    assert.equal(analyseCell("{ a: 1, b: c }").freeNames.get("c"), 11);
  });
});

describe("module text", () => {
  const source = 'import x from "./y"; export const z = 1';
  const text = new ModuleText(
    "head\n",
    source,
    [
      { start: 15, end: 18, text: "/a/very/long/y" },
      { start: 21, end: 27, text: "      " },
    ],
    "\nfoot",
  );

  it("maps offsets both ways", () => {
    for (const offset of [0, 5, 20, 28, 35, source.length])
      assert.equal(text.toSource(text.toModule(offset)), offset);
    assert.equal(text.text.slice(text.toModule(28), text.toModule(33)), source.slice(28, 33));
  });

  it("tells what is not the cell's", () => {
    assert.equal(text.toSource(2), "header");
    assert.equal(text.toSource(text.text.length - 1), "footer");
  });
});

describe("name graph", () => {
  const graph = nameGraph([
    { id: "1", source: "const a = 1" },
    { id: "2", source: "const b = a + 1" },
    { id: "3", source: "const a = 5" },
    { id: "4", source: "%time b + a" },
    { id: "5", source: "%%html\n<b>a</b>" },
  ]);

  it("links a name to its nearest earlier definition", () => {
    assert.deepEqual([...(graph.dependencies.get("2") ?? [])], ["1"]);
    assert.deepEqual([...(graph.dependencies.get("4") ?? [])].sort(), ["2", "3"]);
    assert.deepEqual([...(graph.dependencies.get("5") ?? [])], []);
  });

  it("finds what is stale after a cell", () => {
    assert.deepEqual([...dependents(graph, "1")].sort(), ["2", "4"]);
  });
});
