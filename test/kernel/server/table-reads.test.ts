/** @file The columns of files in a real kernel: known before a cell runs, to its check, completion and inspection. */
import assert from "node:assert/strict";
import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type TestKernel, runCell, startKernel } from "../kernel-fixture.ts";

describe("a cell that reads a file", function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
    write("flights.csv", "date,delay,distance\n2001-01-01 10:00:00,5,400\n");
    // On a busy machine the first cell may not wait until what reads columns has started.
    await runCell(kernel.client, 'import { col, read } from "tenon/data"');
    while ((await documentation('read("flights.csv")')) === undefined) await wait(50);
  });
  after(async () => await kernel.stop());

  const write = (name: string, text: string, secondsLater = 0): void => {
    const path = join(kernel.directory, name);
    writeFileSync(path, text);
    const time = new Date(Date.now() + secondsLater * 1000);
    utimesSync(path, time, time);
  };
  const documentation = async (code: string): Promise<string | undefined> => {
    const { data } = await kernel.client.inspect(code, code.indexOf('"') + 2);
    const text = String(data["text/plain"]);
    return text.startsWith('"') ? text : undefined;
  };
  const errorOf = async (code: string): Promise<string | undefined> => {
    const { error } = await runCell(kernel.client, code);
    return error && `${error.ename}: ${error.evalue}`;
  };

  const misspelt = `TypeCheckError: Argument of type '"delai"' is not assignable to parameter of type '"date" | "delay" | "distance"'. Did you mean '"delay"'?`;

  it("is not run with a misspelt column", async () => {
    const code =
      '(await import("node:fs")).writeFileSync("ran", "");\nconst flights = await read("flights.csv");\nflights.select("delai")';
    assert.equal(await errorOf(code), misspelt);
    assert.equal(existsSync(join(kernel.directory, "ran")), false);
  });

  it("is not run with an expression that the column's type does not have", async () => {
    const code = '(await read("flights.csv")).filter(col("delay").gt("late"))';
    assert.match((await errorOf(code)) ?? "", /^TypeCheckError: /);
  });

  it("runs with columns that the file has, and later cells know them", async () => {
    const run = await runCell(
      kernel.client,
      'const flights = await read("flights.csv");\nawait flights.filter(col("delay").gt(2)).count()',
    );
    assert.deepEqual([run.error, run.result], [undefined, "1"]);
    assert.equal(await errorOf('flights.select("delai")'), misspelt);
  });

  it("completes names of columns", async () => {
    const complete = async (code: string): Promise<readonly string[]> =>
      (await kernel.client.complete(code)).matches;
    assert.deepEqual(await complete('flights.select("d'), ["date", "delay", "distance"]);
    assert.deepEqual(await complete('flights.filter(col("dis'), ["distance"]);
    assert.deepEqual(await complete('(await read("flights.csv")).sort("del'), ["delay"]);
  });

  it("shows the columns where it names the file", async () => {
    assert.equal(
      await documentation('await read("flights.csv")'),
      '"flights.csv"\n  date: timestamp\n  delay: int64\n  distance: int64',
    );
    assert.equal(
      await documentation('await read("gone.csv")'),
      '"gone.csv"\n\nIts columns are not known: there is no such file',
    );
  });

  it("knows the file's new columns when it changed", async () => {
    write("flights.csv", "delai\n1\n", 5);
    assert.equal(await errorOf('(await read("flights.csv")).select("delai")'), undefined);
    assert.match((await errorOf('(await read("flights.csv")).select("delay")')) ?? "", /^TypeCheckError/);
  });

  it("runs where nothing is known of the file", async () => {
    write("bad.parquet", "this is no Parquet");
    for (const name of ["bad.parquet", "gone.csv"])
      assert.match((await errorOf(`(await read("${name}")).select("anything")`)) ?? "", /^TableFileError: /);
  });
});
