import assert from "node:assert/strict";
import { parseMagics } from "../../cells/magics.ts";

function lines(source: string): { names: string[]; code: string } {
  const parsed = parseMagics(source);
  assert.equal(parsed.kind, "lines");
  assert.ok(parsed.kind === "lines");
  assert.equal(parsed.code.length, source.length, "the code has the source's length");
  return { names: parsed.lines.map(({ name, args }) => `${name}|${args}`), code: parsed.code };
}

describe("magics", () => {
  it("leaves cells without magics as they are", () => {
    assert.deepEqual(parseMagics("const a = 5 % 2"), { kind: "lines", lines: [], code: "const a = 5 % 2" });
  });

  it("finds line magics and masks them with the same length", () => {
    const source = "%npm install lodash\nconst a = 1;\n  %env HOME=/x\n";
    const { names, code } = lines(source);
    assert.deepEqual(names, ["npm|install lodash", "env|HOME=/x"]);
    assert.equal(code.indexOf("const a"), source.indexOf("const a"));
    assert.equal(code.replaceAll(/[;\s]/g, ""), "consta=1");
  });

  it("gives the range of the line", () => {
    const source = "let a = 1\n  %check off\na";
    const parsed = parseMagics(source);
    assert.ok(parsed.kind === "lines");
    const [magic] = parsed.lines;
    assert.equal(source.slice(magic?.start, magic?.end), "%check off");
  });

  it("keeps timed expressions to be checked", () => {
    const { names, code } = lines("const f = (n: number) => n\n%time f(20)\n%timeit [1].map(f)");
    assert.deepEqual(names, ["time|f(20)", "timeit|[1].map(f)"]);
    assert.match(code, /\n; +f\(20\)\n; +\[1\]\.map\(f\)$/);
  });

  it("does not take remainders for magics", () => {
    assert.deepEqual(lines("const b = 2\nconst a = 7\n  % b").names, []);
    assert.deepEqual(lines("const a = (7\n%time\n)").names, []);
    assert.deepEqual(lines("foo(1,\n%x\n)").names, []);
  });

  it("does not look into templates and comments", () => {
    assert.deepEqual(lines("const t = `\n%time x\n`").names, []);
    assert.deepEqual(lines("/*\n%time x\n*/ 1").names, []);
    assert.deepEqual(lines("const t = `a ${1}\n%npm install x`").names, []);
  });

  it("finds magics inside blocks, and in cells that do not parse", () => {
    assert.deepEqual(lines("if (true) {\n  %time 1 + 1\n}").names, ["time|1 + 1"]);
    assert.deepEqual(lines("%env A=1\nconst x = {").names, ["env|A=1"]);
  });

  it("takes a cell magic with everything below it", () => {
    assert.deepEqual(parseMagics("%%html --flag\n<b>x</b>\n"), {
      kind: "cell",
      name: "html",
      args: "--flag",
      body: "<b>x</b>\n",
      bodyStart: 14,
    });
    assert.deepEqual(parseMagics("%%bash"), { kind: "cell", name: "bash", args: "", body: "", bodyStart: 6 });
  });

  it("reports unknown names too: the kernel knows what exists", () => {
    assert.deepEqual(lines("%tiem 1").names, ["tiem|1"]);
  });
});
