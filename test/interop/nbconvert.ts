/** @file `jupyter nbconvert --execute`: the outputs, the HTML page, and a cell that fails. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { tryCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { kernelEnvironment } from "./kernel-environment.ts";
import { assertOutputs, readExecutedNotebook, sampleCells, writeNotebook } from "./sample-notebook.ts";
import { withScratchFolder } from "./scratch-folder.ts";

export const nbconvert: InteropSuite = {
  name: "nbconvert",
  about: "`jupyter nbconvert --execute`: outputs compared, HTML, a failing cell",
  peer: "nbconvert 7.17.2, nbclient 0.11.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const { python, env } = await kernelEnvironment("nbconvert");
      const convert = (...args: string[]) =>
        tryCommand(python, ["-m", "jupyter", "nbconvert", ...args], { cwd: folder, env, timeout: 90_000 });
      const checks = new Checks();
      writeNotebook(join(folder, "sample.ipynb"), sampleCells);
      writeNotebook(join(folder, "failing.ipynb"), [
        { source: "const before = 1;" },
        { source: 'throw new RangeError("too far");' },
        { source: "before + 1" },
      ]);

      await checks.check("executes", async () => {
        const run = await convert(
          "--to",
          "notebook",
          "--execute",
          "sample.ipynb",
          "--output",
          "executed.ipynb",
        );
        assert.equal(run.code, 0, run.stderr);
      });
      for (const [index, cell] of sampleCells.entries()) {
        await checks.check(`output of cell ${index + 1}`, () => {
          assertOutputs(readExecutedNotebook(join(folder, "executed.ipynb"))[index], cell);
        });
      }
      await checks.check("HTML", async () => {
        const run = await convert("--to", "html", "executed.ipynb", "--output", "page.html");
        assert.equal(run.code, 0, run.stderr);
        const page = readFileSync(join(folder, "page.html"), "utf8");
        assert.match(page, /<b>bold<\/b>/);
        assert.match(
          page,
          /class="kr">interface<|class="kd">interface</,
          "the code is not highlighted as TypeScript",
        );
      });
      await checks.check("stops at an error", async () => {
        const run = await convert(
          "--to",
          "notebook",
          "--execute",
          "failing.ipynb",
          "--output",
          "stopped.ipynb",
        );
        assert.notEqual(run.code, 0);
        assert.match(stripVTControlCharacters(run.stderr), /RangeError: too far/);
      });
      await checks.check("goes on with --allow-errors", async () => {
        const args = ["--execute", "--allow-errors", "failing.ipynb", "--output", "allowed.ipynb"];
        const run = await convert("--to", "notebook", ...args);
        assert.equal(run.code, 0, run.stderr);
        const [, failed, last] = readExecutedNotebook(join(folder, "allowed.ipynb"));
        assert.equal(failed?.outputs[0]?.["ename"], "RangeError");
        assertOutputs(last, {
          source: "",
          outputs: [{ output_type: "execute_result", data: { "text/plain": "2" } }],
        });
      });
      return checks.result;
    }),
};
