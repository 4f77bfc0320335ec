import assert from "node:assert/strict";
import { usualCell } from "../bench/check-latency.ts";
import { Notebook } from "./program-fixture.ts";

/** Cells with declarations of many kinds of types. */
const cells = [
  "const xs = [1, 2, 3]; let count = 0; const label = 'a'; const fixed = 'b' as const; const big = 10n; const negative = -1; const yes = true",
  "let either: string | number = 'a'; const maybe: string | undefined = Math.random() > 0.5 ? 'a' : undefined; const mode = Math.random() > 0.5 ? 'x' : 'y'",
  "class P { #hidden = 1; constructor(public a: number) {} twice() { return new P(this.a * 2) } }\ninterface I { k: 'a' | 'b'; p: P }\nenum E { A, B }\ntype Al<T> = { value: T; list: T[] }",
  "const p = new P(1); const ps = [p, p.twice()]; const byName = new Map([['p', p]]); const e = E.A; let e2 = E.A; const al: Al<I> = { value: { k: 'a', p }, list: [] }",
  "/** Adds. */\nfunction add(a: number, b = 1) { return a + b }\nfunction over(a: string): 1; function over(a: number): 2; function over(a: unknown): 1 | 2 { return 1 }\nconst generic = <T extends { id: number }>(value: T, ...rest: T[]): T => value",
  "import * as path from 'node:path'; import { readFile } from 'node:fs/promises'; import { DuckDBInstance } from '@duckdb/node-api'",
  "const instance = await DuckDBInstance.create(':memory:'); const text = readFile('x', 'utf8'); const parsed = path.parse('a/b')",
  "const key = Symbol('key'); const keyed = { [key]: 1 }; const anonymous = class { z = 1 }; const made = new anonymous()",
  "const isText = (value: unknown): value is string => typeof value === 'string'; const assertText: (value: unknown) => asserts value is string = () => {}",
  "const date = new Date(); const buffer = new Float32Array(3); const nothing = null; const re = /x/; const tuple: [a: number, b?: string] = [1]; const ro = [1, 2] as const; const fnObject = Object.assign(() => 1, { extra: 'x' })",
  "let list = []; list.push(1); let unset: number | undefined; async function* generate() { yield 1 }; const iterator = generate(); const error = JSON.parse('1')",
  "either = 5; if (maybe === undefined) throw new Error('x'); const record: Record<string, { id: number; nested: { deep: Date[] } }> = {}",
  "interface Date { extra: number }\nconst shadowing: Date = { extra: 1 }",
];

/** Cells that ask a lot of them, right and wrong. */
const probes = [
  "xs.toFixed(); count = 'a'; let l = label; l = 'z'; let f = fixed; f = 'z'; big satisfies bigint; negative satisfies -1; let y = yes; y = false",
  "either.toFixed(); either.toUpperCase(); either = true; maybe.length; let m = mode; m = 'z'; mode satisfies 'x' | 'y'",
  "p.hidden; p.twice().a.toFixed(); const q: P = { a: 1, twice() { return p } }; ps[0].a; byName.get('p').a; e satisfies E.A; let e3 = e; e3 = E.B; e2 = E.B; al.value.p.b; al.list.push(1)",
  "add('a'); add(1).length; over(1) satisfies 1; over(true); generic({ id: 1, x: 2 }).y; generic({}); add = 1",
  "(await text).toFixed(); parsed.bas; instance.conect(); path.jion('a')",
  "keyed[key].length; made.z.length; new anonymous().q; const unknownValue: unknown = 1; if (isText(unknownValue)) unknownValue.toFixed(); assertText(unknownValue); unknownValue.toFixed()",
  "date.extra; date.getTime().x; buffer[0].x; nothing.x; re.tset('x'); tuple[1].length; ro[0] satisfies 2; ro.push(1); fnObject.extra.toFixed(); fnObject().length",
  "list.x; list[0].length; unset.toFixed(); for await (const g of iterator) g.length; error.anything; shadowing.getTime(); record['a'].nested.deep[0].getTim()",
];

describe("settling executed cells", () => {
  it("leaves every diagnostic as it was", async () => {
    const plain = new Notebook();
    const settled = new Notebook();
    try {
      for (const cell of cells) {
        await plain.run(cell);
        await settled.run(cell);
        await settled.settle();
      }
      assert.ok(
        settled.program.footprint.modules < plain.program.footprint.modules,
        "some cells are settled whole",
      );
      for (const probe of probes) {
        const expected = await plain.check(probe);
        assert.ok(expected.length > 0, probe);
        assert.deepEqual(await settled.check(probe), expected, probe);
      }
    } finally {
      await plain.close();
      await settled.close();
    }
  });

  it("keeps doc comments and completions", async () => {
    const notebook = new Notebook();
    try {
      await notebook.run(
        "/** How many there are. */\nconst total = 5; /** Adds. */ function add(a: number) { return a + total }",
      );
      await notebook.settle();
      assert.equal(notebook.program.footprint.modules, 0);
      assert.deepEqual(await notebook.program.inspect("total", 2), {
        start: 0,
        end: 5,
        signature: "const total: 5",
        documentation: "How many there are.",
      });
      assert.deepEqual(await notebook.program.inspect("add(1)", 1), {
        start: 0,
        end: 3,
        signature: "function add(a: number): number",
        documentation: "Adds.",
      });
    } finally {
      await notebook.close();
    }
  });

  it("keeps a name's type for those who used it before it was declared anew", async () => {
    const notebook = new Notebook();
    try {
      await notebook.run(
        "const source = [1, 2]",
        "class Reader { read() { return source } }",
        "const source = 'text'",
      );
      await notebook.settle();
      await notebook.run("const source = new Date()");
      await notebook.settle();
      assert.deepEqual(
        await notebook.check(
          "new Reader().read().length.toFixed(); new Reader().read()[0]?.toFixed(); source.getTime()",
        ),
        [],
      );
    } finally {
      await notebook.close();
    }
  });

  it("keeps what 1,000 cells leave behind within the names alive", async function () {
    this.timeout(120_000);
    const notebook = new Notebook();
    try {
      for (let index = 0; index < 1000; index += 1) notebook.program.commit(usualCell(index));
      await notebook.settle();
      const { modules } = notebook.program.footprint;
      assert.ok(modules <= 20, `${modules} modules are left`);
      assert.deepEqual(await notebook.check("sorted19.toFixed()"), [
        "2339 \"toFixed\" Property 'toFixed' does not exist on type 'number[]'.",
      ]);
    } finally {
      await notebook.close();
    }
  });

  it("deletes what superseded cells leave behind, also without a pause", async () => {
    const notebook = new Notebook();
    try {
      for (let index = 0; index < 600; index++) await notebook.run(`const again = ${index};`);
      const { modules } = notebook.program.footprint;
      assert.ok(modules <= 258, `${modules} modules for one name`);
    } finally {
      await notebook.close();
    }
  });

  it("forgets everything on reset", async () => {
    const notebook = new Notebook();
    try {
      await notebook.run("const a = 1");
      notebook.program.reset();
      assert.deepEqual(await notebook.check("a"), ["2304 \"a\" Cannot find name 'a'."]);
    } finally {
      await notebook.close();
    }
  });
});
