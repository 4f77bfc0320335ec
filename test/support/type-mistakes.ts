/**
 * @file Tests of types: a folder has `mistakes.ts`, where each wrong line follows a comment that says what its error must
 * contain, and `right.ts`, whose exports compile.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Compilation, compileTypes } from "./compile-types.ts";

interface Mistake {
  /** The line that is wrong, from 1. */
  readonly line: number;
  readonly expected: string;
}

/** Errors by their lines in a file. */
function errorsOf(output: string, file: string): Map<number, string> {
  const errors = new Map<number, string>();
  let line = 0;
  for (const text of output.split("\n")) {
    const start = new RegExp(`^(?:.*/)?${file}\\((\\d+),`).exec(text);
    if (start) line = Number(start[1]);
    else if (!text.startsWith(" ")) line = 0;
    if (line > 0) errors.set(line, `${errors.get(line) ?? ""}${text}\n`);
  }
  return errors;
}

/** Declares the tests of a folder; `budget` is what its programs may cost the compiler, in instantiations of types. */
export function testTypes(title: string, folder: string, budget: number): void {
  describe(title, function () {
    this.timeout(120_000);
    let compiled: Compilation;
    let errors: ReadonlyMap<number, string>;
    before(() => {
      compiled = compileTypes(folder);
      errors = errorsOf(compiled.output, "mistakes.ts");
    });

    const text = readFileSync(join(folder, "mistakes.ts"), "utf8").split("\n");
    const [, ...comments] = text.flatMap((line, index): Mistake[] =>
      line.startsWith("// ") ? [{ line: index + 2, expected: line.slice(3) }] : [],
    );
    for (const { line, expected } of comments) {
      it(`${text[line - 1]?.replaceAll(/\s+/g, " ") ?? ""}: ${expected}`, () => {
        const found = errors.get(line) ?? "";
        assert.ok(found.includes(expected), found === "" ? "compiles" : found);
      });
    }

    it("there are at least 30 mistakes, and no error is of another line", () => {
      assert.ok(comments.length >= 30, `${comments.length}`);
      assert.deepEqual(
        [...errors.keys()].filter((line) => comments.every((mistake) => mistake.line !== line)),
        [],
      );
    });

    it("right programs compile, at least 30 of them", () => {
      assert.deepEqual([...errorsOf(compiled.output, "right.ts").values()], []);
      const programs = readFileSync(join(folder, "right.ts"), "utf8").match(/^export /gm)?.length ?? 0;
      assert.ok(programs >= 30, `${programs}`);
    });

    it(`cost the compiler no more than ${budget} instantiations`, () => {
      const { instantiations } = compiled;
      assert.ok(instantiations > 0 && instantiations <= budget, `${instantiations}`);
    });
  });
}
