import assert from "node:assert/strict";
import { Notebook } from "./program-fixture.ts";

describe("checking cells before their turn", () => {
  let notebook: Notebook;
  beforeEach(() => {
    notebook = new Notebook();
  });
  afterEach(async () => await notebook.close());

  /** Checks cells ahead and waits until that is done. */
  async function ahead(...sources: readonly string[]): Promise<void> {
    notebook.program.checkAhead(sources);
    await notebook.program.complete("", 0);
  }

  const counting = Array.from({ length: 12 }, (_, i) => `const c${i} = ${i === 0 ? "1" : `c${i - 1} + 1`}`);

  it("shows names of waiting cells to nobody before they run", async () => {
    await ahead(...counting);
    assert.deepEqual(await notebook.check("c3"), ["2304 \"c3\" Cannot find name 'c3'."]);
    const { items } = await notebook.program.complete("c1", 2);
    assert.ok(!items.some(({ text }) => text === "c1"));
    await notebook.run(...counting);
    assert.deepEqual(await notebook.check("c11.toFixed()"), []);
  });

  it("discards what was expected where another cell runs first", async () => {
    await notebook.run("const base = 1");
    await ahead("base.toFixed()", "const base2 = base", "base2.toFixed()", "const last = base2");
    await notebook.run("const base = 'text'");
    assert.deepEqual(await notebook.check("base.toFixed()"), [
      "2551 \"toFixed\" Property 'toFixed' does not exist on type '\"text\"'. Did you mean 'fixed'?\n  'fixed' is declared here.",
    ]);
    assert.deepEqual(await notebook.check("base2"), ["2304 \"base2\" Cannot find name 'base2'."]);
    await notebook.run("const base2 = base");
    assert.deepEqual(await notebook.check("base2.toUpperCase()"), []);
  });

  it("forgets them on reset, interruption and on demand", async () => {
    const forget = [
      (): void => notebook.program.reset(),
      (): void => notebook.program.interrupt(),
      (): void => notebook.program.discardAhead(),
    ];
    for (const act of forget) {
      await ahead(...counting);
      act();
      assert.deepEqual(await notebook.check("c0"), ["2304 \"c0\" Cannot find name 'c0'."]);
      await notebook.run(...counting.map((source) => source.replace("= 1", "= 'text'")));
      assert.deepEqual(await notebook.check("c11.toUpperCase()"), []);
      notebook.program.reset();
    }
  });

  it("checks again what a local module has made wrong meanwhile", async () => {
    notebook.write("local.ts", "export const local: number = 1;");
    await notebook.run('import { local } from "./local.ts"', "local.toFixed()", "const one = local");
    await ahead("local.toFixed(1)", "local.toFixed(2)", "local.toFixed(3)");
    await new Promise((resolve) => setTimeout(resolve, 20));
    notebook.write("local.ts", "export const local: string = 'text';");
    assert.deepEqual(await notebook.check("local.toFixed(1)"), [
      "2551 \"toFixed\" Property 'toFixed' does not exist on type 'string'. Did you mean 'fixed'?\n  'fixed' is declared here.",
    ]);
  });

  it("keeps global declarations from cells that run before them", async () => {
    await ahead(
      "[1].sixth()",
      "declare global { interface Array<T> { sixth(): T } }",
      "const a = 1",
      "const b = a",
    );
    assert.equal((await notebook.check("[1].sixth()")).length, 1);
  });

  it("settles cells as usual afterwards", async () => {
    await ahead(...counting);
    await notebook.run(...counting);
    await notebook.settle();
    assert.equal(notebook.program.footprint.modules, 0);
    assert.deepEqual(await notebook.check("c11.toFixed()"), []);
  });
});
