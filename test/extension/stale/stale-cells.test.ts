import assert from "node:assert/strict";
import { sourceNames } from "../../../cells/name-graph.ts";
import { NotebookStaleness } from "../../../extension/stale/notebook-staleness.ts";

/** A notebook whose cells "run" by being noted; cells are named by their place: a, b, c… */
class Sheet {
  readonly state: NotebookStaleness;
  #sources: string[];
  parsed = 0;

  constructor(...sources: readonly string[]) {
    this.#sources = [...sources];
    this.state = new NotebookStaleness((source) => {
      this.parsed += 1;
      return sourceNames(source);
    });
    this.#show();
  }

  #show(): void {
    this.state.setCells(this.#sources.map((source, index) => ({ id: nameOf(index), source })));
  }

  edit(cell: string, source: string): void {
    this.#sources[indexOf(cell)] = source;
    this.#show();
  }

  run(cells: string, status: "ok" | "error" | "aborted" = "ok"): void {
    for (const cellId of cells)
      this.state.executed({ cellId, code: this.#sources[indexOf(cellId)] ?? "", status });
  }

  get stale(): string {
    return [...this.state.stale.keys()].sort().join("");
  }

  get plan(): string {
    return this.state.planForAll().join("");
  }
}

const nameOf = (index: number): string => String.fromCodePoint(97 + index);
const indexOf = (cell: string): number => (cell.codePointAt(0) ?? 0) - 97;

describe("stale cells", () => {
  it("are none before anything ran, and none after all ran in order", () => {
    const sheet = new Sheet("const x = 1", "const y = x", "y");
    assert.equal(sheet.stale, "");
    sheet.run("abc");
    assert.equal(sheet.stale, "");
  });

  it("are an edited cell and all that depends on it, but not cells that never ran", () => {
    const sheet = new Sheet("const x = 1", "const y = x", "y", "const z = 2", "y + 1");
    sheet.run("abcd");
    sheet.edit("a", "const x = 2");
    assert.equal(sheet.stale, "abc");
    assert.deepEqual(sheet.state.stale.get("a"), { edited: true, changed: [], outOfDate: [] });
    assert.deepEqual(sheet.state.stale.get("b"), { edited: false, changed: [], outOfDate: ["x"] });
    assert.deepEqual(sheet.state.stale.get("c"), { edited: false, changed: [], outOfDate: ["y"] });
    sheet.edit("a", "const x = 1\n");
    assert.equal(sheet.stale, "", "back at the text that ran");
  });

  it("are those behind a cell that ran again, and no longer once they have run", () => {
    const sheet = new Sheet("const x = 1", "const y = x", "y");
    sheet.run("abc");
    sheet.run("a");
    assert.equal(sheet.stale, "bc");
    assert.deepEqual(sheet.state.stale.get("b")?.changed, ["x"]);
    assert.equal(sheet.plan, "bc");
    sheet.run("bc");
    assert.equal(sheet.stale, "");
  });

  it("are none where a name is declared again further down", () => {
    const sheet = new Sheet("const x = 1", "x", "const x = 2", "x");
    sheet.run("abcd");
    assert.equal(sheet.stale, "");
    sheet.edit("c", "const x = 3");
    assert.equal(sheet.stale, "cd");
  });

  it("are cells that ran out of order with another cell's value; the right one runs first", () => {
    const sheet = new Sheet("const x = 1", "x", "const x = 2", "x");
    sheet.run("abcd");
    sheet.run("b");
    assert.equal(sheet.stale, "b");
    assert.deepEqual(sheet.state.stale.get("b")?.changed, ["x"]);
    assert.equal(sheet.plan, "ab");
    sheet.run("ab");
    assert.equal(sheet.stale, "");
    sheet.edit("d", "x + 1");
    assert.equal(sheet.plan, "cd", "c gives x its value of 2 again");
  });

  it("are those that used a name of a cell further down which has run again", () => {
    const sheet = new Sheet("helper()", "function helper() {}");
    sheet.run("ba");
    assert.equal(sheet.stale, "");
    sheet.run("b");
    assert.equal(sheet.stale, "a");
    sheet.run("a");
    sheet.edit("b", "function helper() { return 1 }");
    assert.equal(sheet.stale, "ab");
  });

  it("know of assignments: they define, and going on from the own value is fresh", () => {
    const sheet = new Sheet("let x = 1", "x += 1", "x");
    sheet.run("abc");
    assert.equal(sheet.stale, "");
    sheet.run("b");
    assert.equal(sheet.stale, "c");
    sheet.run("c");
    assert.equal(sheet.stale, "");
    sheet.run("a");
    assert.equal(sheet.stale, "bc");
  });

  it("leave what a function assigns to the cell that calls it", () => {
    const sheet = new Sheet("let x = 1", "const f = () => { x = 5 }", "x");
    sheet.run("abcb");
    assert.equal(sheet.stale, "");
  });

  it("stay behind a cell that failed, which runs again with them", () => {
    const sheet = new Sheet("const x = 1", "const y = x", "y");
    sheet.run("abc");
    sheet.edit("b", "const y = x.z");
    sheet.run("b", "error");
    assert.equal(sheet.stale, "c");
    assert.equal(sheet.plan, "bc");
    sheet.run("a");
    assert.equal(sheet.stale, "bc", "the failed one may work with the new value");
  });

  it("do not change by a run that was aborted, and are none on a fresh kernel", () => {
    const sheet = new Sheet("const x = 1", "x");
    sheet.run("ab");
    sheet.edit("a", "const x = 2");
    sheet.run("a", "aborted");
    assert.equal(sheet.stale, "ab");
    sheet.state.kernelStarted();
    assert.equal(sheet.stale, "");
    assert.equal(sheet.plan, "");
  });

  it("follow the order of the document, and do without a deleted cell", () => {
    const state = new NotebookStaleness(sourceNames);
    const a = { id: "a", source: "const x = 1" };
    const b = { id: "b", source: "const x = 2" };
    const c = { id: "c", source: "x" };
    state.setCells([a, b, c]);
    for (const { id, source } of [a, b, c]) state.executed({ cellId: id, code: source, status: "ok" });
    state.setCells([b, a, c]);
    assert.deepEqual([...state.stale.keys()], ["c"], "x is that of a now");
    state.setCells([c]);
    assert.deepEqual([...state.stale.keys()], []);
  });

  it("of 500 cells: an edit parses one cell, and magics and broken cells harm nothing", () => {
    const sources = Array.from({ length: 500 }, (_, index) =>
      index === 0 ? "const n0 = 0" : `const n${index} = n${index - 1} + 1`,
    );
    let parsed = 0;
    const state = new NotebookStaleness((source) => {
      parsed += 1;
      return sourceNames(source);
    });
    const show = (): void => state.setCells(sources.map((source, index) => ({ id: `${index}`, source })));
    show();
    assert.equal(parsed, 500);
    for (const [index, code] of sources.entries()) state.executed({ cellId: `${index}`, code, status: "ok" });
    assert.equal(parsed, 500, "what ran was known");
    sources[250] = "%time const n250 = n249 + (";
    show();
    assert.equal(parsed, 501);
    assert.equal(state.stale.size, 250);
    assert.equal(state.planForAll().length, 250);
  });
});
