import assert from "node:assert/strict";
import { analyseCell } from "../../cells/analyse-cell.ts";
import { importsReader, tableReads } from "../../cells/tables/table-paths.ts";
import { tableDeclarations } from "../../cells/tables/table-declarations.ts";

/** The paths that a cell reads after cells with the given source. */
function paths(source: string, before = ""): string[] {
  const earlier = analyseCell(before).declarations;
  return tableReads(source, analyseCell(source), (name) => earlier.find((each) => each.name === name)).map(
    ({ text, start, end }) => `${text}${source.slice(start, end) === text ? "" : " (escaped)"}`,
  );
}

describe("the files that a cell reads", () => {
  const imported = 'import { read } from "tenon/data";';

  it("are the literal paths of read", () => {
    assert.deepEqual(
      paths(
        `${imported}\nconst a = await read("a.parquet"), b = read('b.csv', {}), c = read(\`c.json\`);\nfunction f() { return read("d.parquet").filter(read("e.parquet")) }`,
      ),
      ["a.parquet", "b.csv", "c.json", "d.parquet", "e.parquet"],
    );
  });

  it("are known by renamed imports and by the whole module", () => {
    assert.deepEqual(paths('import { read as load } from "tenon/data"; load("a.csv"); read("b.csv")'), [
      "a.csv",
    ]);
    assert.deepEqual(
      paths('import * as data from "tenon/data"; data.read("a.csv"); data.write("b.csv"); data("c.csv")'),
      ["a.csv"],
    );
  });

  it("are known by imports of earlier cells, unless the cell has a name of its own", () => {
    assert.deepEqual(paths('read("a.csv")', imported), ["a.csv"]);
    assert.deepEqual(paths('const read = (x: string) => x; read("a.csv")', imported), []);
    assert.deepEqual(paths('read("a.csv")', 'import { read } from "./own.ts"'), []);
    assert.deepEqual(paths('read("a.csv")', 'import type { read } from "tenon/data"'), []);
  });

  it("are no paths that are put together", () => {
    assert.deepEqual(
      paths(
        `${imported} read(name); read("a" + ".csv"); read(\`\${name}.csv\`); read(); read(1); read(...all)`,
      ),
      [],
    );
  });

  it("are marked where the cell may write them itself", () => {
    const marks = (source: string): boolean[] =>
      tableReads(source, analyseCell(source), () => undefined).map(({ isWritten }) => isWritten);
    assert.deepEqual(marks(`${imported} await table.write("a.csv"); read("a.csv"); read("b.csv")`), [
      true,
      false,
    ]);
    assert.deepEqual(marks(`${imported} db.run("COPY t TO 'a.csv'"); read("a.csv")`), [true]);
    assert.deepEqual(marks(`${imported} read("a.csv"); read("a.csv") // a.csv is small`), [false, false]);
  });

  it("have their escapes read as JavaScript reads them", () => {
    assert.deepEqual(paths(`${imported} read("a\\u00e4.csv")`), ["aä.csv (escaped)"]);
  });

  it("keep their places in a cell that is an object literal", () => {
    assert.deepEqual(paths('{ a: read("a.csv"), b: 1 }', imported), ["a.csv"]);
  });

  it("are looked for soon once the reader is imported", () => {
    assert.equal(importsReader(analyseCell(imported)), true);
    assert.equal(importsReader(analyseCell('import { openDatabase } from "tenon/data"')), false);
  });
});

describe("the declarations of files", () => {
  it("are sorted, quoted where they must be, and the same for the same files", () => {
    const columns = (names: readonly string[]) => names.map((name) => ({ name, type: "int32" }));
    const files = new Map([
      ["b.csv", columns(["größe", "a b", 'say "hi"', "constructor"])],
      ["B.csv", columns([])],
      ["a\\b.csv", columns(["x"])],
    ]);
    const text = tableDeclarations(files);
    assert.equal(
      text,
      String.raw`declare module "tenon/data" {
  interface TableFiles {
    "B.csv": {};
    "a\\b.csv": {
      x: "int32";
    };
    "b.csv": {
      größe: "int32";
      "a b": "int32";
      "say \"hi\"": "int32";
      constructor: "int32";
    };
  }
}
`,
    );
    assert.equal(tableDeclarations(new Map([...files].toReversed())), text);
  });
});
