import assert from "node:assert/strict";
import { TestKernel } from "./harness.ts";

describe("the language of cells", function () {
  this.timeout(20_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(async () => {
    await kernel.stop();
  });

  /** Runs cells one after the other; the last one's text. */
  const text = async (...cells: string[]): Promise<string | undefined> => {
    let last: string | undefined;
    for (const cell of cells) {
      const run = await kernel.run(cell);
      assert.equal(run.error, undefined, run.traceback);
      last = run.text;
    }
    return last;
  };

  describe("redeclares anything by anything", () => {
    const declarations: Readonly<Record<string, string>> = {
      const: "const thing = 1",
      let: "let thing = 1",
      var: "var thing = 1",
      "destructured const": "const { thing } = { thing: 1 }",
      function: "function thing() {}",
      "async generator": "async function* thing() {}",
      class: "class thing {}",
      enum: "enum thing { A }",
      "const enum": "const enum thing { A }",
      namespace: "namespace thing { export const a = 1 }",
      "default import": "import thing from 'node:fs'",
      "namespace import": "import * as thing from 'node:fs'",
      "named import": "import { readFileSync as thing } from 'node:fs'",
      "import equals": "import thing = require('node:fs')",
      using: "using thing = { [Symbol.dispose]() {} }",
      "decorated class": "@((value: unknown) => value as never) class thing {}",
      export: "export const thing = 1",
      "var in a block": "if (true) { var thing = 1 }",
      "var of a loop": "for (var thing of [1]) {}",
    };
    for (const [first, before] of Object.entries(declarations)) {
      it(first, async () => {
        for (const after of Object.values(declarations)) await text(before, after);
        assert.equal(await text("let thing = 'last'", "thing"), "'last'");
      });
    }

    it("a declaration that threw", async () => {
      const failed = await kernel.run("const broken = (() => { throw new Error('no') })()");
      assert.equal(failed.error?.evalue, "no");
      assert.equal(await text("const broken = 5", "broken"), "5");
    });
  });

  const values: readonly [what: string, cells: readonly string[], value: string][] = [
    ["keeps state", ["let count = 1", "count += 1", "count"], "2"],
    [
      "awaits at top level",
      ["const later = await new Promise<number>((ok) => setTimeout(ok, 5, 7))", "later"],
      "7",
    ],
    ["shows an awaited value, and a promise as itself", ["await Promise.resolve(3)"], "3"],
    ["awaits in loops", ["let sum = 0; for (const n of [1, 2]) sum += await Promise.resolve(n); sum"], "3"],
    [
      "iterates with for await",
      ["let all = ''; for await (const c of (async function* () { yield 'a'; yield 'b' })()) all += c; all"],
      "'ab'",
    ],
    ["calls functions before their declaration", ["early(); function early() { return 1 }", "early()"], "1"],
    [
      "sees later redeclarations from earlier functions",
      [
        "function size() { return 1 }\nfunction twice() { return 2 * size() }",
        "function size() { return 5 }",
        "twice()",
      ],
      "10",
    ],
    [
      "names functions and classes",
      [
        "const arrow = () => 1; function plain() {} class Model {}",
        "[arrow.name, plain.name, Model.name].join()",
      ],
      "'arrow,plain,Model'",
    ],
    [
      "keeps var of blocks and loops",
      ["for (var i = 0, n; i < 3; i++) { var inner = i }", "[i, inner, n].join()"],
      "'3,2,'",
    ],
    ["does not reset by var without a value in one cell", ["var kept = 1; var kept; kept"], "1"],
    [
      "destructures",
      ["const { a, ...rest } = { a: 1, b: 2 }, [p, , q = 5] = [1, 2]", "[a, rest.b, p, q].join()"],
      "'1,2,1,5'",
    ],
    [
      "has enums",
      [
        "enum Color { Red, Green = 5 }\nconst enum Size { Big = 'b' }",
        "[Color.Green, Color[0], Size.Big].join()",
      ],
      "'5,Red,b'",
    ],
    [
      "merges declarations within a cell",
      [
        "enum E { A }\nenum E { B = 1 }\nnamespace N { export const u = E.B }\nnamespace N { export const v = N.u + 1 }\nclass C { static n = 1 }\nnamespace C { export const w = 3 }",
        "[E.A, E.B, N.v, C.n, C.w].join()",
      ],
      "'0,1,2,1,3'",
    ],
    [
      "has parameter properties and accessors",
      [
        "class Point { constructor(readonly x: number, private y = 2) {}\n get sum() { return this.x + this.y } }",
        "new Point(1).sum",
      ],
      "3",
    ],
    [
      "erases types",
      [
        "interface I { a: number }\ntype T<A> = A | undefined\ndeclare const nothing: T<I>\nlet value = { a: 1 } satisfies I as I;\n(value!.a as number)",
      ],
      "1",
    ],
    ["has generics that look like JSX", ["const id = <T,>(x: T): T => x; (<any>id)(4)"], "4"],
    [
      "takes an object literal as an expression",
      ["({ a: 1 }).a", "const o = 1\n{ o }", "JSON.stringify({})"],
      "'{}'",
    ],
    ["keeps blocks blocks", ["let seen = 0\n{ seen = 1; seen = 2 }", "seen"], "2"],
    [
      "strips exports",
      [
        "export const e1 = 1; const e2 = 2; export { e2 }; export function e3() { return 3 } export class E4 {} export * from 'node:fs'; export default 5",
        "e1 + e2 + e3()",
      ],
      "6",
    ],
    ["shows the default export", ["export default { answer: 42 }.answer"], "42"],
    ["uses labels and comments", ["/* a */ outer: for (;;) { break outer } // done\n8 // eight"], "8"],
    [
      "has import.meta",
      [
        "[typeof import.meta.url, typeof import.meta.dirname, typeof import.meta.filename, typeof import.meta.resolve('node:fs'), import.meta.main].join()",
      ],
      "'string,string,string,string,true'",
    ],
    ["evaluates strings that look like directives", ["'use strict'"], "'use strict'"],
    [
      "imports in functions, later",
      ["const load = async () => (await import('node:path')).sep.length", "await load()"],
      "1",
    ],
    ["has require", ["require('node:path').basename('/a/b')"], "'b'"],
  ];
  for (const [what, cells, value] of values) it(what, async () => assert.equal(await text(...cells), value));

  it("is strict", async () => {
    assert.equal((await kernel.run("undeclaredName = 1")).error?.ename, "ReferenceError");
    assert.equal(await text("(function () { return this === undefined })()"), "true");
  });

  it("disposes of using declarations at the cell's end, in reverse, also after an error", async () => {
    const make =
      "const make = (name: string) => ({ name, [Symbol.dispose]() { console.log('close ' + name) }, async [Symbol.asyncDispose]() { await null; console.log('aclose ' + name) } })";
    await kernel.run(make);
    const run = await kernel.run(
      "using a = make('a'); await using b = make('b'); console.log('in'); a.name + b.name",
    );
    assert.equal(run.stdout, "in\naclose b\nclose a\n");
    assert.equal(run.text, "'ab'");
    const failed = await kernel.run("using c = make('c'); throw new Error('inside')");
    assert.equal(failed.stdout, "close c\n");
    assert.equal(failed.error?.evalue, "inside");
    const nested = await kernel.run("function scope() { using d = make('d'); return 'out' }\nscope()");
    assert.equal(nested.stdout, "close d\n");
    assert.equal(nested.text, "'out'");
    const both = await kernel.run(
      "using e = { [Symbol.dispose]() { throw new Error('closing') } }; throw new Error('body')",
    );
    assert.equal(both.error?.ename, "SuppressedError");
  });

  it("runs standard decorators", async () => {
    const run = await kernel.run(
      "const log = (value: any, context: DecoratorContext) => { console.log(context.kind, String(context.name)); return value }\n" +
        "@log class Decorated { @log method() { return 1 } @log field = 2; @log accessor counted = 3; static { console.log('static') } }\n" +
        "const made = new Decorated(); made.method() + made.field + made.counted",
    );
    assert.equal(run.text, "6", run.traceback);
    assert.deepEqual(run.stdout.trim().split("\n"), [
      "method method",
      "accessor counted",
      "field field",
      "class Decorated",
      "static",
    ]);
    assert.equal((await kernel.run("new Decorated().field")).text, "2");
    const names = await kernel.run(
      "typeof (globalThis as any).__decorateElement + (() => { try { return typeof eval('__decorateElement') } catch { return 'hidden' } })()",
    );
    assert.ok(names.text?.includes("undefined"), names.text);
  });

  it("evaluates user expressions after the cell", async () => {
    const run = await kernel.run("let ux = 20", {
      userExpressions: { doubled: "ux * 2", wrong: "nope.x", later: "await Promise.resolve('z')" },
    });
    const { doubled, wrong, later } = run.done.userExpressions;
    assert.deepEqual(doubled?.status === "ok" ? doubled.data["text/plain"] : doubled, "40");
    assert.deepEqual(later?.status === "ok" ? later.data["text/plain"] : later, "'z'");
    assert.equal(wrong?.status === "error" ? wrong.ename : wrong, "ReferenceError");
    assert.equal(run.error, undefined);
    const failed = await kernel.run("throw 1", { userExpressions: { a: "1" } });
    assert.deepEqual(failed.done.userExpressions, {});
  });

  it("shows nothing for undefined, and null as null", async () => {
    assert.equal((await kernel.run("undefined")).result, undefined);
    assert.equal((await kernel.run("null")).text, "null");
    assert.equal((await kernel.run("5", { silent: true, hideResult: true })).result, undefined);
  });

  it("hides the kernel's names from typeof and enumeration", async () => {
    assert.equal(await text("Object.keys(globalThis).filter((name) => name.includes('tenon')).length"), "0");
  });
});
