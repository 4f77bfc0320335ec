/** @file Every sample notebook runs from top to bottom, on the built kernel, with parameters that keep it short. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../kernel/kernel-fixture.ts";

const samples = join(repositoryRoot, "samples");
const parameters: Readonly<Record<string, readonly string[]>> = {
  "00-tour.ipynb": ["rolls=5000"],
  "01-flight-delays.ipynb": ["epochs=1", "trainRows=100000"],
  "03-tensors.ipynb": ["epochs=1", "trainCharacters=200000"],
  "04-credit-risk.ipynb": ["trials=3"],
  "05-runs-and-registry.ipynb": ["trials=3"],
  "09-deploy.ipynb": ["requests=300"],
};

describe("samples", () => {
  const notebooks = readdirSync(samples, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ipynb") && !path.startsWith("output"),
  );
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-samples-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const notebook of notebooks) {
    it(`runs ${notebook}`, function () {
      this.timeout(240_000);
      const params = (parameters[notebook] ?? []).flatMap((value) => ["--param", value]);
      const out = join(folder, notebook.replaceAll(/[/\\]/g, "-"));
      const run = spawnSync(
        process.execPath,
        [join(repositoryRoot, "dist/cli/main.js"), "run", join(samples, notebook), "--out", out, ...params],
        { encoding: "utf8" },
      );
      assert.equal(run.status, 0, run.stdout + run.stderr);
      assert.ok(readFileSync(out, "utf8").includes(`"execution_count": 1`));
    });

    it(`has ${notebook} without outputs`, () => {
      const { cells } = JSON.parse(readFileSync(join(samples, notebook), "utf8")) as {
        cells: readonly { cell_type: string; outputs?: readonly unknown[]; execution_count?: unknown }[];
      };
      for (const cell of cells.filter(({ cell_type }) => cell_type === "code")) {
        assert.deepEqual(cell.outputs, []);
        assert.equal(cell.execution_count, null);
      }
    });
  }
});
