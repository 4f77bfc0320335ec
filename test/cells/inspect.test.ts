import assert from "node:assert/strict";
import type { CellInspection } from "../../cells/types.ts";
import { atCursor } from "./completion-cases.ts";
import { Notebook } from "./program-fixture.ts";

describe("inspection", () => {
  let notebook: Notebook;
  before(() => {
    notebook = new Notebook();
  });
  after(async () => await notebook.close());

  async function inspect(source: string): Promise<CellInspection | undefined> {
    const { code, offset } = atCursor(source);
    return await notebook.program.inspect(code, offset);
  }
  const signature = async (source: string): Promise<string | undefined> => (await inspect(source))?.signature;

  it("shows variables with their types", async () => {
    await notebook.run("const rows = [{ id: 1 }]; let total: number | undefined = 5");
    assert.equal(await signature("ro¦ws"), "const rows: { id: number; }[]");
    assert.equal(await signature("total¦"), "let total: number | undefined");
    assert.equal(await signature("rows[0]!.i¦d"), "(property) id: number");
  });

  it("shows functions with documentation, parameters and overloads", async () => {
    await notebook.run(
      "/**\n * The mean of some numbers.\n * @param values what to take it of\n * @returns the mean\n */\nfunction mean(values: readonly number[]): number { return values.length }",
      "function pick(a: string): number; function pick(a: number): string; function pick(a: unknown): unknown { return a }",
    );
    assert.deepEqual(await inspect("me¦an([1])"), {
      start: 0,
      end: 4,
      signature: "function mean(values: readonly number[]): number",
      documentation:
        "The mean of some numbers.\n\n*@param* `values` — what to take it of\n\n*@returns* the mean",
    });
    assert.equal(
      await signature("pick¦"),
      "function pick(a: string): number\nfunction pick(a: number): string",
    );
  });

  it("shows the function whose arguments are being written", async () => {
    assert.equal(await signature("mean(¦"), "function mean(values: readonly number[]): number");
    assert.equal(await signature("mean([1, 2], ¦)"), "function mean(values: readonly number[]): number");
    assert.equal(await signature("Math.max(1, ¦"), "(method) max(...values: number[]): number");
  });

  it("shows members, imports and what is global", async () => {
    assert.equal(await signature("'a'.toUpper¦Case()"), "(method) toUpperCase(): string");
    assert.match(
      (await inspect("[1].ma¦p(String)"))?.documentation ?? "",
      /^Calls a defined callback function/,
    );
    await notebook.run('import { basename } from "node:path"');
    const found = await inspect("base¦name('a')");
    assert.equal(found?.signature, "function basename(path: string, suffix?: string | undefined): string");
    assert.match(found.documentation, /last portion of a path/);
    assert.equal(await signature("cons¦ole"), "var console: Console");
  });

  it("shows types", async () => {
    await notebook.run(
      "class Box<T> { value!: T }\ninterface Point { x: number; y?: string }\ntype Either = string | number\nenum Level { Low = 1 }",
    );
    assert.equal(await signature("new Bo¦x()"), "class Box<T>");
    assert.equal(
      await signature("let p: Poi¦nt"),
      "interface Point {\n  x: number;\n  y: string | undefined;\n}",
    );
    assert.equal(await signature("let e: Eith¦er"), "type Either = string | number");
    assert.equal(await signature("Lev¦el.Low"), "enum Level");
    assert.equal(await signature("Level.Lo¦w"), "(enum member) Level.Low");
  });

  it("works while a cell is half typed, and says nothing of what is not there", async () => {
    assert.equal(
      await signature("if (true) {\n  rows.ma¦p("),
      "(method) map<U>(callbackfn: (value: { id: number; }, index: number, array: { id: number; }[]) => U, thisArg?: any): U[]",
    );
    assert.equal(await inspect("¦"), undefined);
    assert.equal(await inspect("missing¦"), undefined);
    assert.equal(await inspect("'text¦ in a string'"), undefined);
  });
});
