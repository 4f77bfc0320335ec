/** @file The columns of files in a real kernel: known before a cell runs, to its check, completion and inspection. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestKernel, runCell, startKernel } from "../kernel-fixture.ts";

const types = `export interface TableFiles {}
export interface Table<C> { col<N extends keyof C & string>(name: N): C[N] }
export declare function read<const P extends string>(path: P): Promise<Table<P extends keyof TableFiles ? TableFiles[P] : Record<string, string>>>;
`;

describe("a cell that reads a file", () => {
  let directory: string;
  let kernel: TestKernel;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "tenon-reads-"));
    const library = join(directory, "node_modules", "tenon");
    mkdirSync(library, { recursive: true });
    writeFileSync(
      join(library, "package.json"),
      '{"name":"tenon","type":"module","exports":{"./data":{"types":"./data.d.ts","default":"./data.js"}}}',
    );
    writeFileSync(join(library, "data.d.ts"), types);
    writeFileSync(join(library, "data.js"), "export const read = async () => ({ col: (name) => name });");
    write("flights.csv", "date,delay,distance\n2001-01-01 10:00:00,5,400\n");
    kernel = await startKernel({ directory });
  });
  after(async () => {
    await kernel.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (name: string, text: string, secondsLater = 0): void => {
    const path = join(directory, name);
    writeFileSync(path, text);
    const time = new Date(Date.now() + secondsLater * 1000);
    utimesSync(path, time, time);
  };

  it("is not run with a misspelt column", async () => {
    const run = await runCell(
      kernel.client,
      'import { read } from "tenon/data";\n(await import("node:fs")).writeFileSync("ran", "");\nconst flights = await read("flights.csv");\nflights.col("delai")',
    );
    assert.equal(run.error?.ename, "TypeCheckError");
    assert.match(run.error?.traceback ?? "", /"delai".*"date" \| "delay" \| "distance"/);
    assert.equal(existsSync(join(directory, "ran")), false);
  });

  it("runs with columns that the file has, and later cells know them", async () => {
    const run = await runCell(
      kernel.client,
      'import { read } from "tenon/data";\nconst flights = await read("flights.csv");\nflights.col("delay") satisfies "int64"',
    );
    assert.equal(run.error, undefined);
    assert.equal((await runCell(kernel.client, 'flights.col("delai")')).error?.ename, "TypeCheckError");
    const code = 'flights.col("d';
    const completed = await kernel.client.complete(code, code.length);
    assert.deepEqual(completed.matches, ["date", "delay", "distance"]);
  });

  it("shows the columns where it names the file", async () => {
    const code = 'await read("flights.csv")';
    const found = await kernel.client.inspect(code, code.indexOf("flights"), 0);
    assert.match(String(found.data["text/plain"]), /"flights.csv"\n {2}date: timestamp\n {2}delay: int64/);
  });

  it("knows the file's new columns when it changed", async () => {
    write("flights.csv", "delai\n1\n", 5);
    const code = '(await read("flights.csv")).col(';
    assert.equal((await runCell(kernel.client, `${code}"delai")`)).error, undefined);
    assert.equal((await runCell(kernel.client, `${code}"delay")`)).error?.ename, "TypeCheckError");
  });

  it("runs where nothing is known of the file", async () => {
    write("bad.parquet", "this is no Parquet");
    for (const name of ["bad.parquet", "gone.csv"]) {
      const run = await runCell(kernel.client, `(await read("${name}")).col("anything")`);
      assert.equal(run.error, undefined);
    }
  });
});
