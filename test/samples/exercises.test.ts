/** @file The exercises of samples: unsolved they say what is missing, and with the solutions beside them they are solved. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cell, createCodeCell, joinText, parseNotebook } from "../../jupyter/notebook-file.ts";
import { repositoryRoot } from "../support/repository.ts";

const lessons = [
  { name: "03-tensors.ipynb", exercises: [1, 2, 3], parameters: ["epochs=1", "trainCharacters=5000"] },
  { name: "04-credit-risk.ipynb", exercises: [1, 2, 3], parameters: ["trials=1"] },
];

for (const { name, exercises, parameters } of lessons)
  describe(`exercises of ${name}`, () => {
    let folder = "";
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "tenon-exercises-"));
      // Where the lesson looks for its data.
      cpSync(join(repositoryRoot, "samples/data"), join(folder, "data"), { recursive: true });
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** What the check of each exercise says. Training is short, and the notebook's own claims are not checked. */
    function verdicts(change: (cells: readonly Cell[]) => readonly Cell[]): readonly string[] {
      const notebook = parseNotebook(readFileSync(join(repositoryRoot, "samples", name), "utf8"));
      const cells = change(notebook.cells.filter(({ id }) => id !== "checks-code"));
      const path = join(folder, "lesson.ipynb");
      writeFileSync(path, JSON.stringify({ ...notebook, cells }));
      const settings = parameters.flatMap((parameter) => ["--param", parameter]);
      const run = spawnSync(
        process.execPath,
        [join(repositoryRoot, "dist/cli/main.js"), "run", path, "--out", path, ...settings],
        { encoding: "utf8" },
      );
      assert.equal(run.status, 0, run.stdout + run.stderr);
      const executed = parseNotebook(readFileSync(path, "utf8")).cells;
      return exercises.map((number) => {
        const cell = executed.find(({ id }) => id === `exercise-${number}-check`);
        assert.ok(cell?.cell_type === "code");
        const said = cell.outputs.map((output) => ("text" in output ? joinText(output.text) : "")).join("");
        return said.slice(0, said.indexOf("\n"));
      });
    }

    it("say what is missing as they are handed out", function () {
      this.timeout(120_000);
      for (const [index, verdict] of verdicts((cells) => cells).entries())
        assert.ok(verdict.startsWith(`Exercise ${index + 1}: not yet: `), verdict);
    });

    it("are solved by their solutions", function () {
      this.timeout(120_000);
      const solved = verdicts((cells) => {
        const solutions = new Map(
          cells.map((cell) => [cell.id, /^```ts\n([\s\S]*?)^```$/m.exec(joinText(cell.source))?.[1]]),
        );
        return cells.flatMap((cell) => {
          const solution = solutions.get(cell.id?.replace(/-code$/, "-solution"));
          return cell.id?.endsWith("-code") === true && solution !== undefined
            ? [cell, createCodeCell(solution)]
            : [cell];
        });
      });
      assert.deepEqual(
        solved,
        exercises.map((number) => `Exercise ${number}: ✓ solved`),
      );
    });
  });
