import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import * as v from "valibot";
import type { FileColumns } from "../../../cells/tables/file-columns.ts";
import { columnAnswer, columnReaderVersion } from "../../../kernel/checker/column-reader-protocol.ts";
import { NotebookSchemas } from "../../../kernel/checker/notebook-schemas.ts";
import { repositoryRoot } from "../kernel-fixture.ts";

const program = join(repositoryRoot, "dist", "cli", "column-reader.cjs");
const long = 20_000;

describe("the process that reads columns", () => {
  it("speaks lines of JSON and ends with its input", async () => {
    const reader = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(reader, "exit");
    const lines = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? "null");
    assert.deepEqual(await next(), { type: "ready", version: columnReaderVersion });
    const csv = join(repositoryRoot, "node_modules/vega-datasets/data/seattle-weather.csv");
    reader.stdin.write(`${JSON.stringify({ id: 7, path: csv })}\n`);
    const answer = v.parse(columnAnswer, await next());
    assert.equal(answer.type === "columns" && answer.id === 7 && answer.columns[0]?.type, "date");
    reader.stdin.end();
    assert.deepEqual(await ended, [0, null]);
  });
});

describe("the columns of a notebook's files", () => {
  let directory: string;
  let schemas: NotebookSchemas;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tenon-schemas-"));
    schemas = new NotebookSchemas({ program, directory });
  });
  afterEach(() => {
    schemas.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (name: string, text: string, secondsLater = 0): void => {
    const path = join(directory, name);
    writeFileSync(path, text);
    const time = new Date(Date.now() + secondsLater * 1000);
    if (secondsLater > 0) utimesSync(path, time, time);
  };
  const columns = async (path: string, patience = long): Promise<string> =>
    shown((await schemas.columns([path], patience)).get(path));

  it("are read from CSV, TSV and JSON files with DuckDB's types", async () => {
    write("a.csv", "id,name,at,share\n1,x,2024-01-01 10:00:00,0.5\n");
    write("b.tsv", "id\tday\n1\t2024-01-01\n");
    write("c.json", '[{"id": 1, "tags": ["a"]}]');
    write("d.ndjson", '{"ok": true}\n{"ok": false}\n');
    assert.equal(await columns("a.csv"), "id int64, name string, at timestamp, share float64");
    assert.equal(await columns("b.tsv"), "id int64, day date");
    assert.equal(await columns("c.json"), "id int64, tags list");
    assert.equal(await columns("d.ndjson"), "ok boolean");
  });

  it("are read anew when the file changes, and only then", async () => {
    write("a.csv", "id\n1\n");
    assert.equal(await columns("a.csv"), "id int64");
    process.kill(schemas.pid ?? 0, "SIGSTOP");
    assert.equal(await columns("a.csv", 0), "id int64");
    process.kill(schemas.pid ?? 0, "SIGCONT");
    write("a.csv", "id\nx\n", 5);
    assert.equal(await columns("a.csv"), "id string");
  });

  it("of a pattern follow the files that it names", async () => {
    write("part-1.csv", "id\n1\n");
    assert.equal(await columns("part-*.csv"), "id int64");
    assert.match(await columns("none-*.csv"), /^problem: there is no such file/);
  });

  it("are waited for no longer than was said, and are there later", async () => {
    write("a.csv", "id\n1\n");
    const start = performance.now();
    assert.equal(await columns("a.csv", 1), "unknown");
    assert.ok(performance.now() - start < 100);
    assert.equal(await columns("a.csv"), "id int64");
  });

  it("are a problem in one line where a file is missing, malformed or none", async () => {
    write("bad.parquet", "this is no Parquet");
    write("data.xyz", "what is this");
    assert.equal(await columns("gone.csv"), "problem: there is no such file");
    assert.equal(await columns("."), "problem: it is no file");
    for (const name of ["bad.parquet", "data.xyz"]) {
      const problem = await columns(name);
      assert.match(problem, /^problem: .+/);
      assert.ok(!problem.includes("\n"));
    }
    write("gone.csv", "id\n1\n");
    assert.equal(await columns("gone.csv"), "id int64");
  });

  it("are a problem where looking takes too long", async () => {
    schemas.dispose();
    schemas = new NotebookSchemas({ program, directory, timeLimit: 1 });
    write("a.csv", "id\n1\n");
    assert.equal(await columns("a.csv"), "problem: looking at it took longer than 0.001 s");
  });

  it("survive the death of the process that reads them", async () => {
    write("a.csv", "id\n1\n");
    write("b.csv", "id\nx\n");
    schemas.prepare();
    process.kill(schemas.pid ?? 0, "SIGSTOP");
    const asked = columns("a.csv");
    process.kill(schemas.pid ?? 0, "SIGKILL");
    assert.equal(await asked, "problem: what reads tables has ended (SIGKILL)");
    assert.equal(await columns("b.csv"), "id string");
  });

  it("need no process until a file is asked for, and none after a while", async () => {
    schemas.dispose();
    schemas = new NotebookSchemas({ program, directory, idleLimit: 50 });
    assert.equal(await columns("gone.csv"), "problem: there is no such file");
    assert.equal(schemas.pid, undefined);
    write("a.csv", "id\n1\n");
    await columns("a.csv");
    assert.notEqual(schemas.pid, undefined);
    await wait(300);
    assert.equal(schemas.pid, undefined);
    assert.equal(await columns("a.csv", 0), "id int64");
  });
});

function shown(found: FileColumns | undefined): string {
  if (found === undefined) return "unknown";
  if ("problem" in found) return `problem: ${found.problem}`;
  return found.columns.map(({ name, type }) => `${name} ${type}`).join(", ");
}
