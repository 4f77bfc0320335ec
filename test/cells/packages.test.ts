import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepWorkspaces, workspacePrefix } from "../../cells/program/workspace.ts";
import { Notebook } from "./program-fixture.ts";

describe("modules and packages", () => {
  let notebook: Notebook;
  beforeEach(() => {
    notebook = new Notebook();
  });
  afterEach(async () => await notebook.close());

  it("finds Node's modules and Tenon's own packages from an empty folder", async () => {
    await notebook.run(
      'import { DuckDBInstance } from "@duckdb/node-api"\nimport * as ort from "onnxruntime-node"',
    );
    assert.deepEqual(await notebook.check('ort.InferenceSession.create("x"); DuckDBInstance.creat()'), [
      "2551 \"creat\" Property 'creat' does not exist on type 'typeof DuckDBInstance'. Did you mean 'create'?\n  'create' is declared here.",
    ]);
    assert.deepEqual(
      await notebook.check(
        'import { readFile } from "node:fs/promises"; (await readFile("x", "utf8")).length',
      ),
      [],
    );
  });

  it("prefers the packages of the notebook's folder", async () => {
    notebook.write("node_modules/valibot/package.json", '{"name":"valibot","types":"index.d.ts"}');
    notebook.write("node_modules/valibot/index.d.ts", "export const own: number;");
    notebook.program.invalidate();
    assert.deepEqual(await notebook.check('import { own } from "valibot"; own.toFixed()'), []);
  });

  it("says how to install what is missing, and finds it once it is there", async () => {
    const source = 'import { answer } from "@some/answer/deep"';
    assert.deepEqual(await notebook.check(source), [
      '2307 ""@some/answer/deep"" Cannot find module \'@some/answer/deep\' or its corresponding type declarations.\n  %npm install @some/answer',
    ]);
    notebook.write(
      "node_modules/@some/answer/package.json",
      '{"name":"@some/answer","exports":{"./deep":{"types":"./deep.d.ts","default":"./deep.js"}}}',
    );
    notebook.write("node_modules/@some/answer/deep.d.ts", "export declare const answer: 42;");
    notebook.program.invalidate();
    assert.deepEqual(await notebook.check(`${source}\nanswer satisfies 42`), []);
  });

  it("shows what is wrong with an import where its name is used, if the import was let pass", async () => {
    notebook.program.commit('import { gone } from "not-installed"');
    assert.deepEqual(await notebook.check("1; gone(1)"), [
      "2307 \"gone\" Cannot find module 'not-installed' or its corresponding type declarations.\n  %npm install not-installed",
    ]);
  });

  it("lets packages without types pass", async () => {
    notebook.write("node_modules/untyped/package.json", '{"name":"untyped","main":"index.js"}');
    notebook.write("node_modules/untyped/index.js", "module.exports = 1");
    notebook.program.invalidate();
    const found = await notebook.program.check('import value from "untyped"; value.anything()');
    assert.deepEqual(
      found.map(({ code, severity }) => [code, severity]),
      [[7016, "suggestion"]],
    );
  });

  it("follows local modules as they change", async () => {
    notebook.write("lib/util.ts", "export const size: number = 1");
    notebook.write("data.json", '{ "rows": [1, 2] }');
    await notebook.run('import { size } from "./lib/util.ts"; import data from "./data.json"');
    assert.deepEqual(await notebook.check("size.toFixed(); data.rows[0]!.toFixed()"), []);
    notebook.write("lib/util.ts", "export const size: boolean = true");
    const later = new Date(Date.now() + 5000);
    utimesSync(join(notebook.directory, "lib/util.ts"), later, later);
    assert.deepEqual(await notebook.check("size.toFixed()"), [
      "2339 \"toFixed\" Property 'toFixed' does not exist on type 'boolean'.",
    ]);
  });

  it("finds a local module that was written after it was missed", async () => {
    const source = 'import { late } from "./late"; late.toFixed()';
    assert.deepEqual(await notebook.check(source), [
      '2307 ""./late"" Cannot find module \'./late\' or its corresponding type declarations.',
    ]);
    notebook.write("late.ts", "export const late = 1");
    assert.deepEqual(await notebook.check(source), []);
  });

  it("resolves dynamic and type imports from the notebook's folder", async () => {
    notebook.write(
      "util.ts",
      "export interface Shape { side: number }\nexport const unit: Shape = { side: 1 }",
    );
    assert.deepEqual(
      await notebook.check(
        'const m = await import("./util.ts"); const s: import("./util.ts").Shape = m.unit; s.side.toFixed()',
      ),
      [],
    );
  });

  it("knows Tenon's globals and Node's, but no browser's", async () => {
    assert.deepEqual(
      await notebook.check(
        "console.log(process.pid, new URL('x:y'), await fetch('x')); setTimeout(() => {}, 1)",
      ),
      [],
    );
    assert.deepEqual(
      (await notebook.program.check("document.body")).map(({ code }) => code),
      [2584],
    );
  });

  it("gives a program that has grown more memory, and keeps its names", async () => {
    const members = Array.from(
      { length: 20_000 },
      (_, index) => `  member${index}: { value: string; index: ${index} };`,
    );
    notebook.write("node_modules/large/package.json", '{"name":"large","types":"index.d.ts"}');
    notebook.write("node_modules/large/index.d.ts", `export interface Large {\n${members.join("\n")}\n}\n`);
    notebook.program.invalidate();
    const before = notebook.program.footprint.memoryLimit;
    await notebook.run('import type { Large } from "large"; const kept = [1]');
    await notebook.settle();
    assert.ok(notebook.program.footprint.memoryLimit > before);
    assert.deepEqual(
      await notebook.check("declare const large: Large; large.member7.index.toFixed(); kept[0]?.toFixed()"),
      [],
    );
  });

  it("leaves nothing in the notebook's folder", async () => {
    await notebook.run("const a = 1");
    mkdirSync(join(notebook.directory, "empty"));
    assert.deepEqual(readdirSync(notebook.directory), ["empty"]);
  });
});

describe("the folder of generated modules", () => {
  it("is removed later where a kernel was killed, and only then", () => {
    const dead = mkdtempSync(join(tmpdir(), `${workspacePrefix}999999999-`));
    const alive = mkdtempSync(join(tmpdir(), `${workspacePrefix}${process.pid}-`));
    try {
      sweepWorkspaces();
      assert.equal(existsSync(dead), false);
      assert.equal(existsSync(alive), true);
    } finally {
      rmSync(alive, { recursive: true });
    }
  });
});
