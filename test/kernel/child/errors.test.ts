import assert from "node:assert/strict";
import { TestKernel } from "./harness.ts";

describe("errors of cells", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(async () => {
    await kernel.stop();
  });

  it("show the failing line, and the frames of cells only", async () => {
    await kernel.run("function outer(run: () => void) {\n  run()\n}");
    const run = await kernel.run(
      "const label: string = 'x';\ninterface Erased {}\n\nouter(() => {\n\tthrow new TypeError('bad ' + label);\n})",
    );
    assert.equal(run.error?.ename, "TypeError");
    assert.equal(run.error?.evalue, "bad x");
    assert.equal(
      run.traceback,
      [
        "TypeError: bad x",
        "Cell [2]:5:8",
        "  3 | ",
        "  4 | outer(() => {",
        "> 5 | \tthrow new TypeError('bad ' + label);",
        "    | \t      ^",
        "  6 | })",
        "    at Cell [2]:5:8",
        "    at outer (Cell [1]:2:3)",
        "    at Cell [2]:4:1",
      ].join("\n"),
    );
    assert.match(run.error?.traceback[0] ?? "", /^\u001B\[31m/);
  });

  it("keep native frames between cells, and async ones", async () => {
    const run = await kernel.run(
      "const inner = async () => {\n  await null\n  return [1].map(() => JSON.parse('{'))\n}\nawait inner()",
    );
    assert.match(
      run.traceback,
      /at JSON\.parse \(<anonymous>\)\n\s+at Cell \[\d+\]:3:\d+\n\s+at Array\.map \(<anonymous>\)\n\s+at inner \(Cell \[\d+\]:3:\d+\)\n\s+at async Cell \[\d+\]:5:1$/,
    );
  });

  it("map err.stack as code sees it", async () => {
    const run = await kernel.run(
      "interface A {}\n\nfunction make() { return new Error('seen') }\nmake().stack!.split('\\n').map((line) => line.trim()).join(' | ')",
    );
    assert.match(run.text ?? "", /^'Error: seen \| at make \(Cell \[(\d+)\]:3:26\) \| at Cell \[\1\]:4:1'$/);
  });

  it("show causes, also circular ones, and the members of an AggregateError", async () => {
    const run = await kernel.run(
      "const root = new Error('root');\nconst wrapped = new Error('wrapped', { cause: root }); root.cause = wrapped;\nthrow new AggregateError([wrapped, 'text', new RangeError('r')], 'several')",
    );
    assert.match(run.traceback, /^AggregateError: several\n/);
    assert.match(run.traceback, /Error 1 of 3: Error: wrapped\n/);
    assert.match(run.traceback, /Caused by: Error: root\n/);
    assert.match(run.traceback, /Caused by: an error shown above/);
    assert.match(run.traceback, /Error 2 of 3: 'text'/);
    assert.match(run.traceback, /Error 3 of 3: RangeError: r\n/);
  });

  it("show extra properties and Node's codes", async () => {
    const run = await kernel.run("require('node:fs').readFileSync('/does/not/exist')");
    assert.match(run.traceback, /^Error: ENOENT: no such file/);
    assert.match(run.traceback, /code: 'ENOENT'/);
    assert.doesNotMatch(run.traceback, /at .*node:/);
    assert.match(
      (await kernel.run("Buffer.alloc('x' as never)")).traceback,
      /^TypeError \[ERR_INVALID_ARG_TYPE\]: /,
    );
  });

  it("count a recursion's frames", async () => {
    const run = await kernel.run("function deep(): number { return deep() + 1 }\ndeep()");
    assert.equal(run.error?.ename, "RangeError");
    assert.match(run.traceback, /… \d+ more of the same/);
    assert.ok(run.traceback.split("\n").length < 20);
  });

  it("place V8's own syntax errors", async () => {
    const run = await kernel.run("const ok = 1;\nnew Function('a b')");
    assert.equal(run.error?.ename, "SyntaxError");
    assert.match(run.traceback, /Cell \[\d+\]:2:1/);
    assert.equal((await kernel.run("eval('1 +')")).error?.ename, "SyntaxError");
  });

  const thrown: readonly [what: string, source: string, ename: string, evalue: RegExp][] = [
    ["a number", "throw 3", "Uncaught", /3/],
    ["null", "throw null", "Uncaught", /null/],
    ["undefined", "throw undefined", "Uncaught", /undefined/],
    ["a string", "throw 'text'", "Uncaught", /text/],
    ["a bigint", "throw 10n", "Uncaught", /10n/],
    ["NaN", "throw NaN", "Uncaught", /NaN/],
    ["a symbol", "throw Symbol('s')", "Uncaught", /Symbol\(s\)/],
    ["an object", "throw { a: 1 }", "Uncaught", /a: /],
    ["a function", "throw function named() {}", "Uncaught", /Function: named/],
    [
      "a hostile proxy",
      "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 }, ownKeys() { throw 3 } })",
      "Uncaught",
      /./,
    ],
    [
      "a revoked proxy",
      "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy",
      "Uncaught",
      /./,
    ],
    ["a proxy of an error", "throw new Proxy(new Error('in'), { get() { throw 1 } })", "Uncaught", /./],
    [
      "an object with throwing getters",
      "throw { get message() { throw 1 }, toString() { throw 2 }, get [Symbol.toStringTag]() { throw 3 } }",
      "Uncaught",
      /./,
    ],
    [
      "an error with throwing getters",
      "class Bad extends Error { get message(): string { throw 1 } get stack(): string { throw 2 } get name(): string { throw 3 } }\nthrow new Bad()",
      "Error",
      /^$/,
    ],
    [
      "an error whose stack is no string",
      "throw Object.assign(new Error('m'), { stack: 5 })",
      "Error",
      /^m$/,
    ],
    [
      "an error without a stack",
      "const bare = new Error('bare'); delete bare.stack; throw bare",
      "Error",
      /^bare$/,
    ],
    [
      "an error of another realm",
      "throw require('node:vm').runInNewContext('new TypeError(\"other\")')",
      "TypeError",
      /^other$/,
    ],
    [
      "an error by prototype",
      "throw Object.create(Error.prototype, { message: { value: 'made' } })",
      "Error",
      /^made$/,
    ],
    ["a DOMException", "throw new DOMException('dom', 'AbortError')", "AbortError", /^dom$/],
    [
      "an error with a custom inspector that throws",
      "throw Object.assign(new Error('i'), { [Symbol.for('nodejs.util.inspect.custom')]() { throw 1 }, extra: { [Symbol.for('nodejs.util.inspect.custom')]() { throw 1 } } })",
      "Error",
      /^i$/,
    ],
    ["an error with many lines", "throw new Error('a\\nb')", "Error", /^a\nb$/],
    ["an empty error", "throw new Error()", "Error", /^$/],
    ["a thenable", "throw { then() {} }", "Uncaught", /then/],
  ];
  for (const [what, source, ename, evalue] of thrown) {
    it(`describe ${what}`, async () => {
      const run = await kernel.run(source);
      assert.equal(run.error?.ename, ename, run.traceback);
      assert.match(run.error?.evalue ?? "", evalue);
      assert.ok((run.error?.traceback.length ?? 0) > 0);
      assert.equal((await kernel.run("1 + 1")).text, "2");
    });
  }

  it("do not keep what was thrown alive", async () => {
    await kernel.run(
      "let ref: WeakRef<object>; (() => { const big = new Error('big'); ref = new WeakRef(big); throw big })()",
    );
    await kernel.run("require('node:v8').setFlagsFromString('--expose-gc')");
    await kernel.run("const gc = require('node:vm').runInNewContext('gc')");
    const run = await kernel.run(
      "await new Promise((ok) => setTimeout(ok, 20)); gc(); ref.deref() === undefined",
    );
    assert.equal(run.text, "true");
  });

  it("survive code that replaces what the kernel uses", async () => {
    const other = await TestKernel.start();
    try {
      await other.run(
        "Error.prepareStackTrace = () => { throw new Error('no') }; (globalThis as any).setImmediate = null; (globalThis as any).setTimeout = null; JSON.stringify = null as never; performance.now = null as never",
      );
      const run = await other.run("throw new Error('still described')");
      assert.equal(run.error?.evalue, "still described");
    } finally {
      await other.stop();
    }
  });
});
