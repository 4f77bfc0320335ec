/** @file What typed routes cost the compiler. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../../support/repository.ts";

const folder = join(repositoryRoot, "test/ml/features/types");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

// What the program of this folder and the library cost the compiler, with room for a quarter more.
const instantiationBudget = 310_000;

describe("types of features, in all", () => {
  it("stay within their budget of instantiations", function () {
    this.timeout(60_000);
    const run = spawnSync(process.execPath, [compiler, "-p", folder, "--extendedDiagnostics"], {
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stdout);
    const count = Number(/Instantiations:\s+(\d+)/.exec(run.stdout)?.[1]);
    assert.ok(count > 0 && count <= instantiationBudget, `${count} instantiations`);
  });
});
