import assert from "node:assert/strict";
import { Notebook } from "./program-fixture.ts";

describe("checking cells", () => {
  let notebook: Notebook;
  beforeEach(() => {
    notebook = new Notebook();
  });
  afterEach(async () => await notebook.close());

  it("reports errors with TypeScript's messages at the cell's places", async () => {
    assert.deepEqual(await notebook.check('const é = "😀"; const n: number = "x"'), [
      "2322 \"n\" Type 'string' is not assignable to type 'number'.",
    ]);
    assert.deepEqual(await notebook.check("const n: number = 1;\nn.toUppercase()"), [
      "2339 \"toUppercase\" Property 'toUppercase' does not exist on type 'number'.",
    ]);
    assert.deepEqual(await notebook.check("missing + 1"), ["2304 \"missing\" Cannot find name 'missing'."]);
    assert.deepEqual(await notebook.check("function f(a: number) {}\nf()"), [
      '2554 "f" Expected 1 arguments, but got 0.',
    ]);
    assert.deepEqual(await notebook.check('"abc".tuUpperCase()'), [
      "2551 \"tuUpperCase\" Property 'tuUpperCase' does not exist on type '\"abc\"'. Did you mean 'toUpperCase'?\n  'toUpperCase' is declared here.",
    ]);
  });

  it("reports a chain of reasons", async () => {
    const [problem] = await notebook.check('const p: { a: { b: number } } = { a: { b: "x" } }; p');
    assert.equal(
      problem,
      "2322 \"b\" Type 'string' is not assignable to type 'number'.\n  The expected type comes from property 'b' which is declared here on type '{ b: number; }'",
    );
  });

  it("says first what a misspelt text was likely meant to be", async () => {
    const declared = 'declare function take(x: { names: { one: "income" | "age" } }): void;';
    const given = 'const given = { names: { one: "incom" } } as const;';
    const [problem = ""] = await notebook.check(`${declared}\n${given}\ntake(given)`);
    const [first, second, ...reasons] = problem.split("\n");
    assert.equal(first, '2345 "given" There is no "incom". Did you mean "income"?');
    assert.match(second ?? "", /^Argument of type .* is not assignable to parameter of type/);
    assert.match(reasons.at(-1) ?? "", /^ +Type '"incom"' is not assignable/);
  });

  it("reports syntax errors, and only those", async () => {
    assert.deepEqual(await notebook.check("const a = {\n  b: missing"), ["1005 \"\" '}' expected."]);
    assert.deepEqual(await notebook.check("const x: number = 'a' 5"), ["1005 \"5\" ',' expected."]);
    assert.deepEqual(await notebook.check("return 5"), [
      "1108 \"return\" A 'return' statement can only be used within a function body.",
    ]);
    assert.deepEqual(await notebook.check("const t = `abc"), ['1160 "" Unterminated template literal.']);
  });

  it("isolates a cell that is half typed", async () => {
    await notebook.run("const a = 1");
    assert.notDeepEqual(await notebook.check("const a = `open"), []);
    assert.deepEqual(await notebook.check("a.toFixed()"), []);
  });

  it("lets anything be declared again as anything", async () => {
    await notebook.run(
      "const a = 1",
      "const a = 'text'",
      "a.toUpperCase()",
      "function a() { return 1 }",
      "a() + 1",
    );
    await notebook.run(
      "class a { b = 1 }",
      "new a().b",
      "enum a { X }",
      "a.X",
      "type a = string",
      "const t: a = 'x'",
    );
    await notebook.run(
      "interface a { q: 1 }",
      "const u: a = { q: 1 }",
      "let a = 1",
      "a = 2",
      "import * as a from 'node:fs'",
    );
    await notebook.run("a.existsSync('x')", "import * as a from 'node:fs'", "let a = [1]", "a[0]!.toFixed()");
  });

  it("keeps the old declaration for what was made with it", async () => {
    await notebook.run("class P { x = 1 }\nconst p = new P()", "class P { y = 2 }");
    assert.deepEqual(await notebook.check("p.x; new P().y"), []);
    assert.deepEqual(await notebook.check("const q: P = p"), [
      "2741 \"q\" Property 'y' is missing in type 'P' but required in type 'P'.\n  'y' is declared here.",
    ]);
  });

  it("carries narrowing from cell to cell", async () => {
    await notebook.run(
      "declare function find(): { id: number } | undefined\nconst found = find()",
      "if (found === undefined) throw new Error('none')",
    );
    assert.deepEqual(await notebook.check("found.id"), []);
    await notebook.run("const sure = find()\nif (sure === undefined) throw new Error('none')");
    assert.deepEqual(await notebook.check("sure.id"), []);
    await notebook.run("let late: string | undefined");
    assert.deepEqual(await notebook.check("late.length"), ["18048 \"late\" 'late' is possibly 'undefined'."]);
    await notebook.run("late = await Promise.resolve('a')");
    assert.deepEqual(await notebook.check("late.length"), []);
    await notebook.run("late = undefined as string | undefined");
    assert.deepEqual(await notebook.check("late.length"), ["18048 \"late\" 'late' is possibly 'undefined'."]);
    await notebook.run('let either: string | number = "a"');
    assert.deepEqual(await notebook.check("either.toUpperCase()"), []);
    assert.deepEqual(await notebook.check("either = 5; either.toFixed()"), []);
    assert.deepEqual(await notebook.check("either = true"), [
      "2322 \"either\" Type 'boolean' is not assignable to type 'string | number'.",
    ]);
  });

  it("keeps the literal types of constants open to widening", async () => {
    await notebook.run('const mode = "a"', 'const fixed = "b" as const');
    assert.deepEqual(await notebook.check('let m = mode; m = "other"; const c: "a" = mode'), []);
    assert.deepEqual(await notebook.check('let f = fixed; f = "other"'), [
      '2322 "f" Type \'"other"\' is not assignable to type \'"b"\'.',
    ]);
  });

  it("says what may not be assigned to as if it were one file", async () => {
    await notebook.run("const c = 1; function f() {} class K {} enum E { A }");
    assert.deepEqual(await notebook.check("c = 2"), [
      "2588 \"c\" Cannot assign to 'c' because it is a constant.",
    ]);
    assert.deepEqual(await notebook.check("f = 2"), [
      "2630 \"f\" Cannot assign to 'f' because it is a function.",
    ]);
    assert.deepEqual(await notebook.check("K = 2"), [
      "2629 \"K\" Cannot assign to 'K' because it is a class.",
    ]);
    assert.deepEqual(await notebook.check("E = 2"), [
      "2628 \"E\" Cannot assign to 'E' because it is an enum.",
    ]);
  });

  it("keeps generics, overloads, assertion functions, unique symbols, private members and enums across cells", async () => {
    await notebook.run(
      "function first<T>(xs: readonly T[]): T | undefined { return xs[0] }\nfunction over(a: string): 1; function over(a: number): 2; function over(a: unknown): 1 | 2 { return 1 }",
      "const assertText: (value: unknown) => asserts value is string = () => {}\nconst key = Symbol('key')\nclass Box<T> { #value: T; constructor(value: T) { this.#value = value } get() { return this.#value } }\nenum Level { Low, High }",
    );
    await notebook.run(
      "first([1])?.toFixed(); const two: 2 = over(1); const keyed = { [key]: 1 }; keyed[key].toFixed(); new Box('a').get().length",
      "declare const something: unknown; assertText(something); something.length; const level: Level = Level.High",
    );
    assert.deepEqual(await notebook.check("level satisfies Level.High; over(true)"), [
      "2769 \"true\" No overload matches this call.\n  The last overload gave the following error.\n    Argument of type 'boolean' is not assignable to parameter of type 'number'.",
    ]);
  });

  it("understands top-level await, exports, globals and the object at a cell's end", async () => {
    await notebook.run(
      "const text = await Promise.resolve('a')",
      "export const shared = text.length",
      "shared.toFixed()",
    );
    await notebook.run(
      "declare global { interface Array<T> { second(): T | undefined } }",
      "[1, 2].second()?.toFixed()",
    );
    await notebook.run(
      "{ a: 1, b: text }",
      "export default function named() { return 1 }",
      "named().toFixed()",
    );
    await notebook.run(
      "using resource = { [Symbol.dispose]() {} }",
      "for await (const x of [Promise.resolve(1)]) x.toFixed()",
    );
  });

  it("reports a constant that uses itself as JavaScript would", async () => {
    await notebook.run("const x = 1");
    const codes = (await notebook.program.check("const x = x + 1")).map(({ code }) => code);
    assert.deepEqual(codes, [7022, 2448]);
  });

  it("never shows generated names", async () => {
    await notebook.run("let v: string | undefined = 'a'\nclass P { a = 1 }", "let list = [new P()]");
    for (const source of [
      "v = 5",
      "list = [5]",
      "list[0]!.b",
      "const w: number = list",
      "import { x } from 'node:fs'; v()",
    ]) {
      const messages = await notebook.check(source);
      assert.ok(messages.length > 0, source);
      for (const message of messages) assert.doesNotMatch(message, /\$tenon|tenon-check|cell-\d/);
    }
  });

  it("honours @ts-nocheck and @ts-expect-error", async () => {
    assert.deepEqual(await notebook.check("// @ts-nocheck\nmissing()"), []);
    assert.deepEqual(await notebook.check("// @ts-expect-error\nmissing()"), []);
  });
});
