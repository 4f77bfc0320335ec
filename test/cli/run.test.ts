import assert from "node:assert/strict";
import { access, chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as v from "valibot";
import { cellTags, joinText } from "../../jupyter/notebook-file.ts";
import { CliFolder, codeCell, finish, hasWritten, markdownCell, printed } from "./cli-fixture.ts";

/** Leaves the kernel before the loop that follows: output is sent when a later write finds it old. */
const started =
  "console.log('started'); for (const end = Date.now() + 50; Date.now() < end; ); console.log('running');";

describe("tenon run", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
  });
  afterEach(() => folder.remove());

  it("runs a notebook in its folder, shows its progress and writes it to output/", async () => {
    await writeFile(join(folder.path, "data.json"), '{"rows": 7}');
    const source = await folder.write("report.ipynb", [
      markdownCell("# The report\n\n## Read *the* data"),
      "import { readFileSync } from 'node:fs';\nconst data = JSON.parse(readFileSync('data.json', 'utf8')) as { rows: number };",
      "// Count\nconsole.log('rows: ' + data.rows);\nconsole.error('careful');\n'last'",
      "",
      codeCell("throw new Error('never')", "skip-execution"),
    ]);
    const before = await readFile(source, "utf8");
    const { code, stdout, stderr } = await folder.run(["run", "report.ipynb"]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /^\[1\/3\] Read the data {2}\d.*s$/m);
    assert.match(stdout, /^\[2\/3\] Count\n {6}rows: 7\n {6}careful\n {6}'last'\n {6}\d.* s$/m);
    assert.match(stdout, /^\[3\/3\] .*skipped$/m);
    assert.match(stdout, /Done: 2 cells in .*\nNotebook: output\/report\.ipynb/);
    assert.ok(!stdout.includes("\u001B"), "no escape sequences where there is no terminal");
    assert.equal(await readFile(source, "utf8"), before, "the source stays as it was");
    const notebook = await folder.read("output/report.ipynb");
    assert.deepEqual(
      notebook.cells.map((cell) => cell.cell_type === "code" && cell.execution_count),
      [false, 1, 2, null, null],
    );
    assert.equal(printed(notebook), "rows: 7\ncareful\n");
    assert.deepEqual(await readdir(join(folder.path, "output")), ["report.ipynb"]);
  });

  it("tells the notebook its path, by which its runs are named", async () => {
    await folder.write("study.ipynb", [
      "import { autolog, searchRuns } from 'tenon/track';\nimport { ridge } from 'tenon/linear';\nautolog();",
      "await ridge().fit({ data: Float64Array.of(1, 2, 3), rows: 3, columns: ['a'] }, [1, 2, 4]);",
      "const [logged] = await searchRuns();\nconsole.log(JSON.stringify([import.meta.filename, logged?.data.tags, logged?.info.status]));",
    ]);
    const { code, stderr } = await folder.run(["run", "study.ipynb", "-o", "out.ipynb"]);
    assert.equal(code, 0, stderr);
    const output = v.tuple([v.string(), v.record(v.string(), v.string()), v.string()]);
    const [file, tags, status] = v.parse(output, JSON.parse(printed(await folder.read("out.ipynb"))));
    assert.equal(basename(file), "study.ipynb");
    assert.equal(tags["mlflow.source.name"], "study.ipynb");
    assert.equal(tags["mlflow.source.type"], "NOTEBOOK");
    assert.equal(tags["estimator_name"], "ridge");
    assert.equal(status, "FINISHED");
  });

  it("records the run as papermill does", async () => {
    await folder.write("a.ipynb", [codeCell("let size = 1;", "parameters"), "1;"]);
    assert.equal((await folder.run(["run", "a.ipynb", "-p", "size=2", "-o", "b.ipynb"])).code, 0);
    const { metadata, cells } = await folder.read("b.ipynb");
    const record = v.parse(v.record(v.string(), v.unknown()), metadata["papermill"]);
    assert.deepEqual(record["parameters"], { size: 2 });
    assert.deepEqual(record["default_parameters"], { size: 1 });
    assert.deepEqual(
      [record["input_path"], record["output_path"], record["exception"]],
      ["a.ipynb", "b.ipynb", null],
    );
    assert.equal(typeof record["duration"], "number");
    for (const cell of cells) {
      assert.equal(
        v.parse(v.looseObject({ status: v.string() }), cell.metadata["papermill"]).status,
        "completed",
      );
    }
  });

  it("injects parameters that the type check accepts and later cells see with their declared types", async () => {
    await folder.write("p.ipynb", [
      codeCell(
        "const rate = 0.1;\nlet region: 'north' | 'south' = 'north';\nlet year = '2020';\nconst columns = ['a'];\nconst on = false;",
        "parameters",
      ),
      // Were the injected literal's type narrow, the comparison with another literal would be an error.
      "if (rate === 0.25) throw new Error();\nconsole.log([rate, region, year, columns.length, on].join(' '));",
    ]);
    const args = ["rate=0.5", "region=south", "year=2024", 'columns=["x","y"]', "on=true"];
    const { code, stdout } = await folder.run(["run", "p.ipynb", ...args.flatMap((arg) => ["--param", arg])]);
    assert.equal(code, 0, stdout);
    const notebook = await folder.read("output/p.ipynb");
    assert.equal(printed(notebook), "0.5 south 2024 2 true\n");
    assert.deepEqual(cellTags(notebook.cells[1] ?? codeCell("")), ["injected-parameters"]);
    assert.equal(
      joinText(notebook.cells[1]?.source ?? ""),
      '// Parameters of this run\nconst rate: number = 0.5;\nregion = "south";\nyear = "2024";\nconst columns = ["x","y"];\nconst on: boolean = true;',
    );
    // Run again, the injected cell is replaced.
    assert.equal((await folder.run(["run", "output/p.ipynb", "-p", "rate=0.7", "-o", "q.ipynb"])).code, 0);
    const again = await folder.read("q.ipynb");
    assert.equal(again.cells.length, 3);
    assert.match(printed(again), /^0\.7 north 2020 1 false/);
  });

  it("refuses a parameter of the wrong type before anything runs", async () => {
    await folder.write("p.ipynb", [codeCell("let rate = 0.1;", "parameters"), "console.log('ran');"]);
    const { code, stdout } = await folder.run(["run", "p.ipynb", "--param", "rate=fast"]);
    assert.equal(code, 1);
    assert.match(stdout, /Type 'string' is not assignable to type 'number'/);
    assert.ok(!stdout.includes("ran"));
  });

  it("names the nearest parameter for a misspelt one, and warns of one that nobody declares", async () => {
    await folder.write("p.ipynb", [codeCell("let learningRate = 0.1;", "parameters"), "1;"]);
    const misspelt = await folder.run(["run", "p.ipynb", "--param", "learning_rat=1"]);
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /declares no learning_rat; did you mean learningRate\?/);
    const unknown = await folder.run(["run", "p.ipynb", "--param", "zzz=1"]);
    assert.equal(unknown.code, 0);
    assert.match(unknown.stdout, /warning: the parameters cell does not declare zzz; it has learningRate/);
    for (const wrong of ["novalue", "1a=2", "=3"]) {
      assert.equal((await folder.run(["run", "p.ipynb", "--param", wrong])).code, 2, wrong);
    }
  });

  it("stops at a cell that fails, saves, and ends with 1", async () => {
    await folder.write("e.ipynb", [
      "console.log('one');",
      "throw new RangeError('too far')",
      "console.log('three');",
    ]);
    const { code, stdout } = await folder.run(["run", "e.ipynb"]);
    assert.equal(code, 1);
    assert.match(stdout, /RangeError: too far/);
    assert.match(stdout, /Failed: 2 cells, 1 failed/);
    const notebook = await folder.read("output/e.ipynb");
    assert.equal(printed(notebook), "one\n");
    const [, second] = notebook.cells;
    assert.ok(second?.cell_type === "code" && second.outputs.at(-1)?.output_type === "error");
  });

  it("goes on with --allow-errors, and after a cell tagged raises-exception", async () => {
    await folder.write("e.ipynb", ["throw new Error('one')", "console.log('two');"]);
    const allowed = await folder.run(["run", "e.ipynb", "--allow-errors"]);
    assert.equal(allowed.code, 0);
    assert.match(allowed.stdout, /Done with errors: 2 cells, 1 failed/);
    await folder.write("t.ipynb", [
      codeCell("throw new Error('one')", "raises-exception"),
      "console.log('two');",
    ]);
    const tagged = await folder.run(["run", "t.ipynb"]);
    assert.equal(tagged.code, 0);
    assert.match(tagged.stdout, /Done: 2 cells/);
    assert.equal(printed(await folder.read("output/t.ipynb")), "two\n");
  });

  it("interrupts a cell that takes too long, and ends with 1", async () => {
    await folder.write("slow.ipynb", ["console.log('one');", "while (true) {}", "console.log('three');"]);
    const { code, stdout } = await folder.run(["run", "slow.ipynb", "--timeout", "2", "--json"]);
    assert.equal(code, 1);
    const result = v.parse(
      v.looseObject({ status: v.string(), cells: v.array(v.looseObject({ status: v.string() })) }),
      JSON.parse(stdout),
    );
    assert.equal(result.status, "timeout");
    assert.deepEqual(
      result.cells.map((cell) => cell.status),
      ["ok", "timeout"],
    );
  });

  it("on Ctrl-C stops the cell, saves what there is and ends with 130", async () => {
    await folder.write("loop.ipynb", [`${started} while (true) {}`, "console.log('never');"]);
    const child = folder.start(["run", "loop.ipynb"]);
    const ended = finish(child);
    await hasWritten(child, "running");
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    assert.equal(code, 130);
    assert.match(stdout, /Interrupted: 1 cell/);
    assert.equal(printed(await folder.read("output/loop.ipynb")), "started\nrunning\n");
  });

  it("survives the end of the kernel: says so, saves what there is, ends with 1", async () => {
    // The cell ends the kernel's parent process, not only its own.
    await folder.write("dead.ipynb", [
      `${started} await new Promise((resolve) => setTimeout(resolve, 300)); process.kill(process.ppid, 'SIGKILL'); while (true) {}`,
    ]);
    const { code, stdout } = await folder.run(["run", "dead.ipynb"]);
    assert.equal(code, 1);
    assert.match(stdout, /The kernel ended:/);
    const notebook = await folder.read("output/dead.ipynb");
    assert.match(printed(notebook), /^started\n/);
    const [cell] = notebook.cells;
    assert.ok(cell?.cell_type === "code" && cell.outputs.at(-1)?.output_type === "error");
  });

  it("writes a stand-alone page with --html", async () => {
    await folder.write("page.ipynb", [markdownCell("# My page"), "console.log('on the page');"]);
    assert.equal((await folder.run(["run", "page.ipynb", "--html", "out/page.html"])).code, 0);
    const page = await readFile(join(folder.path, "out/page.html"), "utf8");
    assert.match(page, /<title>My page<\/title>/);
    assert.match(page, /on the page/);
  });

  it("draws a live line on a terminal only; NO_COLOR and FORCE_COLOR are respected", async () => {
    await folder.write("c.ipynb", ["console.log('plain');"]);
    const forced = await folder.run(["run", "c.ipynb"], { FORCE_COLOR: "1" });
    assert.match(forced.stdout, /\u001B\[36m\[1\/1\]/);
    const none = await folder.run(["run", "c.ipynb"], { FORCE_COLOR: "1", NO_COLOR: "1" });
    assert.ok(!none.stdout.includes("\u001B"));
  });

  describe("what cannot be read or written", () => {
    it("is told in one line, before anything runs", async () => {
      await writeFile(join(folder.path, "bad.ipynb"), "{ no json");
      await writeFile(join(folder.path, "new.ipynb"), '{"nbformat": 5, "cells": []}');
      await writeFile(
        join(folder.path, "python.ipynb"),
        '{"nbformat": 4, "cells": [], "metadata": {"language_info": {"name": "python"}}}',
      );
      await mkdir(join(folder.path, "directory.ipynb"));
      const cases: readonly (readonly [string, RegExp])[] = [
        ["bad.ipynb", /bad\.ipynb: not a notebook: the file is not JSON/],
        ["new.ipynb", /newer than 4: update Tenon/],
        ["python.ipynb", /is a python notebook; Tenon runs TypeScript/],
        ["directory.ipynb", /is a directory/],
        ["missing.ipynb", /missing\.ipynb does not exist/],
      ];
      for (const [name, message] of cases) {
        const { code, stderr } = await folder.run(["run", name]);
        assert.equal(code, 1, name);
        assert.match(stderr, message);
        assert.equal(stderr.trim().split("\n").length, 1, stderr);
      }
    });

    it("an output that cannot be written ends with 1, and nothing has run", async () => {
      await folder.write("n.ipynb", ["(await import('node:fs')).writeFileSync('ran', '');"]);
      await writeFile(join(folder.path, "file"), "");
      await mkdir(join(folder.path, "taken"));
      for (const out of ["file/out.ipynb", "taken"]) {
        const { code, stderr } = await folder.run(["run", "n.ipynb", "--out", out]);
        assert.equal(code, 1, out);
        assert.match(stderr, /cannot write/);
      }
      if (process.getuid?.() !== 0) {
        await chmod(join(folder.path, "taken"), 0o500);
        assert.equal((await folder.run(["run", "n.ipynb", "--out", "taken/out.ipynb"])).code, 1);
      }
      await assert.rejects(access(join(folder.path, "ran")));
    });
  });
});
