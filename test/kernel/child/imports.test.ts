import assert from "node:assert/strict";
import { TestKernel } from "./harness.ts";

describe("imports of cells", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  beforeEach(async () => {
    kernel = await TestKernel.start();
  });
  afterEach(async () => {
    await kernel.stop();
  });

  const value = async (source: string): Promise<string | undefined> => {
    const run = await kernel.run(source);
    assert.equal(run.error, undefined, run.traceback);
    return run.text;
  };

  it("bind default, named, renamed and namespace imports, for later cells too", async () => {
    await value(
      "import path, { join as combine, sep } from 'node:path'; import * as all from 'path'; import 'node:fs'",
    );
    assert.equal(
      await value(
        "[path.basename('/a'), combine('a', 'b'), sep, typeof all.join, path === all.default].join()",
      ),
      "'a,a/b,/,function,true'",
    );
  });

  it("erase type imports, and tolerate names and modules that only types use", async () => {
    assert.equal(
      await value(
        "import type { A } from 'nowhere'; import { type B } from 'node:fs'; import { Stats } from 'node:fs'; import { T } from 'nowhere'; let t: T | A | B | Stats | undefined; 1",
      ),
      "1",
    );
  });

  it("find packages from the notebook's folder, by Node's rules", async () => {
    kernel.write(
      "node_modules/dual/package.json",
      JSON.stringify({
        name: "dual",
        exports: { ".": { import: "./m.mjs", require: "./c.cjs" }, "./sub": "./sub.mjs" },
      }),
    );
    kernel.write("node_modules/dual/m.mjs", "export const kind = 'esm'; export default 'd'");
    kernel.write("node_modules/dual/c.cjs", "exports.kind = 'cjs'");
    kernel.write("node_modules/dual/sub.mjs", "export const sub = import.meta.url.split('/').at(-1)");
    assert.equal(
      await value(
        "import d, { kind } from 'dual'; import { sub } from 'dual/sub'; [d, kind, sub, require('dual').kind].join()",
      ),
      "'d,esm,sub.mjs,cjs'",
    );
    assert.match((await kernel.run("import 'dual/hidden'")).error?.evalue ?? "", /hidden/);
  });

  it("take named exports of CommonJS packages", async () => {
    kernel.write(
      "node_modules/common/index.js",
      "module.exports = Object.assign(() => 'called', { plain: 1 }); module.exports[['com', 'puted'].join('')] = 2",
    );
    assert.equal(
      await value("import common, { plain, computed } from 'common'; [common(), plain, computed].join()"),
      "'called,1,2'",
    );
  });

  it("fall back to Tenon's own packages", async () => {
    assert.equal(
      await value("import { parseSync } from 'oxc-parser'; typeof parseSync + typeof require('oxc-parser')"),
      "'functionobject'",
    );
  });

  it("say how to install what is missing", async () => {
    for (const source of [
      "import x from 'no-such-package'; x",
      "await import('no-such-package/sub')",
      "require('no-such-package')",
    ]) {
      const { error } = await kernel.run(source);
      assert.equal(error?.ename, "ModuleNotFoundError");
      assert.equal(
        error?.evalue,
        "The package no-such-package is not installed. Install it with: %npm install no-such-package",
      );
    }
    assert.match(
      (await kernel.run("import '@scope/name/deep'")).error?.evalue ?? "",
      /%npm install @scope\/name$/,
    );
    assert.match((await kernel.run("import './nothing'")).error?.evalue ?? "", /There is no file .*nothing/);
  });

  it("find a package that was installed after the first try", async () => {
    assert.equal((await kernel.run("import later from 'later'; later")).error?.ename, "ModuleNotFoundError");
    kernel.write("node_modules/later/package.json", '{ "type": "module", "exports": "./index.js" }');
    kernel.write("node_modules/later/index.js", "export default 'installed'");
    assert.equal(await value("import later from 'later'; later"), "'installed'");
  });

  it("name the exports where one is missing", async () => {
    kernel.write("few.ts", "export const one = 1; export const two = 2");
    const { error } = await kernel.run("import { three } from './few.ts'; three");
    assert.equal(error?.evalue, "The module ./few.ts has no export named three. It exports one, two.");
  });

  describe("of local files", () => {
    it("compile TypeScript, with or without its extension, and resolve further imports from there", async () => {
      kernel.write(
        "lib/model.ts",
        "import { helper } from './helper.js'; import type { X } from './types'; import data from './data.json' with { type: 'json' };\nexport enum Kind { A, B }\nexport class Model { constructor(private size: number) {} get area() { return helper(this.size) + data.extra } }\nexport const where = [import.meta.url.split('/').at(-1), import.meta.filename.endsWith('model.ts'), typeof import.meta.dirname].join();\nexport const load = async () => (await import('./helper')).helper(1);\nexport type { X }",
      );
      kernel.write("lib/helper.ts", "export function helper(x: number): number { return x * x }");
      kernel.write("lib/types.ts", "export interface X { a: number }");
      kernel.write("lib/data.json", '{ "extra": 100 }');
      kernel.write("lib/index.ts", "export * from './model'");
      assert.equal(
        await value(
          "import { Model, Kind, where, load } from './lib'; [new Model(3).area, Kind[1], where, await load()].join()",
        ),
        "'109,B,model.ts,true,string,1'",
      );
      assert.equal(await value("import * as again from './lib/model.ts'; again.Model === Model"), "true");
    });

    it("load JavaScript modules, CommonJS and JSON", async () => {
      kernel.write("package.json", "{}");
      kernel.write("m.mjs", "export const m = 1");
      kernel.write("c.cjs", "exports.c = 2");
      kernel.write("plain.js", "module.exports = { p: 3 }");
      kernel.write("esm.js", "export const e = 4");
      kernel.write("d.json", '{ "d": 5 }');
      assert.equal(
        await value(
          "import { m } from './m.mjs'; import { c } from './c.cjs'; import plain, { p } from './plain.js'; import { e } from './esm.js'; import d from './d.json' with { type: 'json' }; [m, c, p, plain.p, e, d.d].join()",
        ),
        "'1,2,3,3,4,5'",
      );
    });

    it("are loaded anew when they, or what they import, have changed; the others keep their state", async () => {
      kernel.write("top.ts", "import { middle } from './middle'; export const top = () => 'top-' + middle()");
      kernel.write("middle.ts", "import { leaf } from './leaf'; export const middle = () => leaf");
      kernel.write("leaf.ts", "export const leaf = 'one'");
      kernel.write("state.ts", "export const state = { count: 0 }");
      assert.equal(
        await value("import { top } from './top'; import { state } from './state'; state.count = 7; top()"),
        "'top-one'",
      );
      kernel.write("leaf.ts", "export const leaf = 'two'");
      assert.equal(await value("top()"), "'top-one'", "bindings of earlier imports stay");
      assert.equal(
        await value("import { top } from './top'; import { state } from './state'; top() + state.count"),
        "'top-two7'",
      );
      assert.equal(
        await value(
          "const first = await import('./top'); const second = await import('./top'); first === second",
        ),
        "true",
      );
      kernel.write("c.cjs", "exports.version = require('./d.cjs').version");
      kernel.write("d.cjs", "exports.version = 1");
      assert.equal(await value("import { version } from './c.cjs'; version"), "1");
      kernel.write("c.cjs", "exports.version = require('./d.cjs').version + 10");
      assert.equal(await value("import { version } from './c.cjs'; version"), "11");
    });

    it("may import each other in circles and await at top level", async () => {
      kernel.write(
        "a.ts",
        "import { b } from './b'; export const a = () => 'a'; export const both = () => a() + b()",
      );
      kernel.write(
        "b.ts",
        "import { a } from './a'; export const b = () => 'b' + typeof a; export const slow = await Promise.resolve(1)",
      );
      assert.equal(await value("import { both } from './a'; both()"), "'abfunction'");
      assert.equal(
        await value("const [p, q] = await Promise.all([import('./a'), import('./b')]); p.both() + q.slow"),
        "'abfunction1'",
      );
    });

    it("are tried again after an error", async () => {
      kernel.write(
        "flaky.ts",
        "if (!(globalThis as any).ready) throw new Error('not ready'); export const ok = 1",
      );
      assert.equal((await kernel.run("import { ok } from './flaky'; ok")).error?.evalue, "not ready");
      assert.equal(
        await value("(globalThis as any).ready = true; const { ok } = await import('./flaky'); ok"),
        "1",
      );
    });

    it("report syntax errors and exceptions at their own lines", async () => {
      kernel.write("wrong.ts", "export const a = 1;\nexport const = 2;\n");
      const wrong = await kernel.run("import { a } from './wrong'; a");
      assert.equal(wrong.error?.ename, "SyntaxError");
      assert.match(wrong.traceback, /\.\/wrong\.ts:2:14\n/);
      kernel.write(
        "thrower.ts",
        "interface Erased { a: 1 }\n\nexport function thrower(): never {\n  throw new Error('from the file');\n}\n",
      );
      const thrown = await kernel.run("import { thrower } from './thrower';\nthrower()");
      assert.match(thrown.traceback, /\.\/thrower\.ts:4:9\n/);
      assert.match(thrown.traceback, /at thrower \(\.\/thrower\.ts:4:9\)\n\s+at Cell \[2\]:2:1$/);
    });

    it("use decorators and using declarations", async () => {
      kernel.write(
        "deco.ts",
        "const twice = (value: any, _context: unknown) => function (this: unknown, ...args: unknown[]) { return 2 * value.apply(this, args) };\nexport class D { @twice get() { return 4 } }\nexport function scope() { using _r = { [Symbol.dispose]() { console.log('closed') } }; return 1 }",
      );
      const run = await kernel.run("import { D, scope } from './deco'; new D().get() + scope()");
      assert.equal(run.text, "9", run.traceback);
      assert.equal(run.stdout, "closed\n");
    });
  });
});
