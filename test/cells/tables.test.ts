import assert from "node:assert/strict";
import type { FileColumns, FileSchemas } from "../../cells/tables/file-columns.ts";
import { Notebook } from "./program-fixture.ts";

const flights: FileColumns = {
  columns: [
    { name: "date", type: "timestamp" },
    { name: "delay", type: "int32" },
    { name: "distance", type: "int32" },
  ],
};

/** Files whose columns a test sets, and that take as long to be looked at as it says. */
class TestSchemas implements FileSchemas {
  readonly files = new Map<string, FileColumns>();
  readonly asked: string[] = [];
  prepared = 0;
  late = false;

  prepare(): void {
    this.prepared += 1;
  }

  columns(paths: readonly string[]): Promise<ReadonlyMap<string, FileColumns>> {
    this.asked.push(...paths);
    const found = paths.flatMap((path) => {
      const columns = this.files.get(path);
      return columns === undefined || this.late ? [] : [[path, columns] as const];
    });
    return Promise.resolve(new Map(found));
  }
}

describe("the columns of files in a notebook's check", () => {
  let schemas: TestSchemas;
  let notebook: Notebook;
  beforeEach(() => {
    schemas = new TestSchemas();
    schemas.files.set("flights.parquet", flights);
    notebook = new Notebook(schemas);
  });
  afterEach(async () => await notebook.close());

  const load = 'import { col, read } from "tenon/data"; const flights = await read("flights.parquet");';
  const misspelt = `2345 ""delai"" Argument of type '"delai"' is not assignable to parameter of type '"date" | "delay" | "distance"'. Did you mean '"delay"'?`;

  it("make a misspelt column an error in the cell that reads", async () => {
    assert.deepEqual(await notebook.check(`${load}\nflights.select("date", "delay").select("date")`), []);
    assert.deepEqual(await notebook.check(`${load}\nflights.select("delai")`), [misspelt]);
  });

  it("are suggested where they are likely, also of a wide table", async () => {
    const columns = Array.from({ length: 80 }, (_, index) => ({ name: `measure_${index}`, type: "float64" }));
    schemas.files.set("wide.csv", { columns });
    const check = async (name: string): Promise<string[]> =>
      await notebook.check(`import { read } from "tenon/data"; (await read("wide.csv")).select("${name}")`);
    assert.match((await check("meausre_77"))[0] ?? "", / Did you mean '"measure_77"'\?$/);
    assert.match((await check("unrelated"))[0] ?? "", /"measure_9"'\.$/);
  });

  it("are known to later cells, also once they are settled", async () => {
    await notebook.run(load);
    assert.deepEqual(await notebook.check('flights.select("delai")'), [misspelt]);
    await notebook.settle();
    assert.deepEqual(await notebook.check('flights.select("delai")'), [misspelt]);
  });

  it("are looked for in no cell that reads nothing", async () => {
    await notebook.run("const n = 1", load);
    const { length } = schemas.asked;
    await notebook.run("console.log(n)", "flights");
    assert.equal(schemas.asked.length, length);
    assert.equal(schemas.prepared > 0, true);
  });

  it("complete names of columns", async () => {
    await notebook.run(load);
    const complete = async (source: string): Promise<string[]> =>
      (await notebook.program.complete(source, source.length)).items.map(({ text }) => text);
    assert.deepEqual(await complete('flights.select("'), ["date", "delay", "distance"]);
    assert.deepEqual(await complete('flights.filter(col("di'), ["distance"]);
    assert.deepEqual(await complete('flights.select("date", "d'), ["date", "delay", "distance"]);
    assert.deepEqual(await complete('(await read("flights.parquet")).select("di'), ["distance"]);
  });

  it("complete in expressions that do not show their table", async () => {
    await notebook.run(load);
    const complete = async (source: string): Promise<string[]> =>
      (await notebook.program.complete(source.replace("|", ""), source.indexOf("|"))).items.map(
        ({ text }) => text,
      );
    assert.deepEqual(await complete('flights.filter(col("d|").gt(5))'), ["date", "delay", "distance"]);
    assert.deepEqual(await complete('const late = col("|")'), ["date", "delay", "distance"]);
    assert.deepEqual(await complete('import * as data from "tenon/data"; data.col("di|").add(1)'), [
      "distance",
    ]);
    assert.deepEqual(await complete('import { sql } from "tenon/data"; sql("d|")'), []);
  });

  it("are shown for the path and for the table", async () => {
    const inspect = async (source: string, at: string): Promise<string | undefined> =>
      (await notebook.program.inspect(source, source.indexOf(at)))?.signature;
    assert.equal(
      await inspect(load, "flights.parquet"),
      '"flights.parquet"\n  date: timestamp\n  delay: int32\n  distance: int32',
    );
    assert.match((await inspect(load, "flights =")) ?? "", /Table<\{\s*date: "timestamp";/);
  });

  it("follow a file that changes", async () => {
    await notebook.run(load);
    schemas.files.set("flights.parquet", { columns: [{ name: "delai", type: "int64" }] });
    assert.deepEqual(await notebook.check(`${load}\nflights.filter(col("delai").gt(1))`), []);
    assert.deepEqual((await notebook.check(`${load}\nflights.select("delay")`)).length, 1);
  });

  it("give way to types that the cell asks for", async () => {
    schemas.files.set("a.csv", { columns: [{ name: "code", type: "int64" }] });
    const cell = (options: string): string =>
      `import { col, read } from "tenon/data"; (await read("a.csv", ${options})).filter(col("code").startsWith("0"))`;
    assert.deepEqual(await notebook.check(cell('{ types: { code: "string" } }')), []);
    assert.deepEqual((await notebook.check(cell("{}"))).length, 1);
  });

  it("are open where the cell may write the file before it reads it", async () => {
    await notebook.run(load);
    const rewrites = 'declare function write(path: string): void; write("flights.parquet");';
    assert.deepEqual(await notebook.check(`${rewrites} (await read("flights.parquet")).select("new")`), [
      'suggestion 0 "flights.parquet" The columns of "flights.parquet" are not known: the cell may write the file before it reads it',
    ]);
    assert.deepEqual((await notebook.check('(await read("flights.parquet")).select("new")')).length, 1);
  });

  it("leave any name open where they are not known, and say why", async () => {
    schemas.files.set("gone.csv", { problem: "there is no such file" });
    const source = 'import { read } from "tenon/data"; (await read("gone.csv")).select("anything")';
    assert.deepEqual(await notebook.check(source), [
      'suggestion 0 "gone.csv" The columns of "gone.csv" are not known: there is no such file',
    ]);
    const found = await notebook.program.inspect(source, source.indexOf("gone"));
    assert.equal(found?.documentation, "Its columns are not known: there is no such file");
  });

  it("are used from the next question on where they come late", async () => {
    schemas.late = true;
    await notebook.run(load);
    assert.deepEqual(await notebook.check('flights.select("delai")'), []);
    assert.equal(await notebook.program.settle(), true);
    schemas.late = false;
    assert.deepEqual(await notebook.check('flights.select("delai")'), [misspelt]);
    await notebook.settle();
    assert.deepEqual(await notebook.check('flights.select("delai")'), [misspelt]);
  });

  it("are known of cells that ran without a check", async () => {
    notebook.program.commit(load);
    assert.deepEqual(await notebook.check('flights.select("delai")'), [misspelt]);
  });

  it("are looked at in a waiting cell's turn, when the file it reads may have been written", async () => {
    await notebook.run('import { read } from "tenon/data"');
    schemas.files.delete("flights.parquet");
    schemas.files.set("new.parquet", { problem: "there is no such file" });
    const waiting = ["1 + 1", 'const later = await read("new.parquet")', 'later.select("delai")'];
    notebook.program.checkAhead(waiting);
    await notebook.run("1 + 1");
    schemas.files.set("new.parquet", flights);
    await notebook.run('const later = await read("new.parquet")');
    assert.deepEqual(await notebook.check('later.select("delai")'), [misspelt]);
  });
});
