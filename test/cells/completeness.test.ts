import assert from "node:assert/strict";
import { completeness } from "../../cells/completeness.ts";

const complete = [
  "1 + 1",
  "const x = 5;",
  "function f() {\n  return 1\n}",
  "{ a: 1, b: 2 }",
  "`a ${1} b`",
  "const r = /[/)]/.test('x')",
  "// only a comment",
  "",
  "%time 1 + 1",
  "%%html\n<b>x</b>\n",
  "await Promise.resolve(1)",
];
const incomplete: readonly (readonly [string, string])[] = [
  ["function f() {", "  "],
  ["if (x) {\n  for (const y of z) {", "    "],
  ["const o = {", "  "],
  ["foo(", "  "],
  ["foo([1,", "    "],
  ["const t = `abc", ""],
  ["const a =", "  "],
  ["a +", "  "],
  ["/* comment", ""],
  ["class A {\n  m() {", "    "],
  ["const f = (a: number) => {", "  "],
  ["switch (x) {\n  case 1:", "  "],
  ["%%html\n<b>", ""],
];
const invalid = ["const const = 1", "foo bar baz", "}", "let x = )", "if (x) }"];

describe("completeness", () => {
  for (const source of complete) {
    it(`complete: ${JSON.stringify(source)}`, () =>
      assert.deepEqual(completeness(source), { status: "complete" }));
  }
  for (const [source, indent] of incomplete) {
    it(`incomplete: ${JSON.stringify(source)}`, () =>
      assert.deepEqual(completeness(source), { status: "incomplete", indent }));
  }
  for (const source of invalid) {
    it(`invalid: ${JSON.stringify(source)}`, () =>
      assert.deepEqual(completeness(source), { status: "invalid" }));
  }
});
