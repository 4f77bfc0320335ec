/** @file What typed routes cost the compiler. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { compileTypes } from "../../support/compile-types.ts";
import { repositoryRoot } from "../../support/repository.ts";

// What the program of this folder costs the compiler, with room for a quarter more.
const instantiationBudget = 3100;

describe("types of features, in all", () => {
  it("stay within their budget of instantiations", function () {
    this.timeout(120_000);
    const { status, output, instantiations } = compileTypes(join(repositoryRoot, "test/ml/features/types"));
    assert.equal(status, 0, output);
    assert.ok(instantiations > 0 && instantiations <= instantiationBudget, `${instantiations}`);
  });
});
