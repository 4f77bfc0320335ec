/**
 * @file The graph engine on ONNX Runtime's WebGPU provider, computed by a Vulkan driver in software, with the tests that
 * hold on every provider: 1e-5 norm-wise, but for functions of which WGSL asks less (`ops.test.ts` says which).
 */
import assert from "node:assert/strict";
import { type NumericResults, runNumeric } from "../../gpu/run-numeric.ts";
import { numericFiles } from "../../gpu/numeric-suite.ts";
import { softwareVulkan } from "../../support/software-vulkan.ts";

describe("the graph engine on WebGPU, by software Vulkan", function () {
  this.timeout(600_000);
  let found: NumericResults;

  before(async function () {
    const env = softwareVulkan();
    if (env !== undefined) {
      found = await runNumeric("webgpu", env);
      return;
    }
    const reason = "no SwiftShader found: install Chromium";
    if (process.env["TENON_REQUIRE_BROWSER"] === "1") throw new Error(reason);
    console.log(`      skipped: ${reason}`);
    this.skip();
  });

  it("computes on WebGPU", () => assert.equal(found.provider, "webgpu"));

  for (const file of numericFiles)
    it(`every test of ${file}`, () => {
      const results = found.results.filter((each) => each.file === file);
      const failed = results.filter(({ error }) => error !== undefined);
      assert.ok(results.length > 0, "no test has run");
      assert.equal(
        failed.length,
        0,
        `${failed.length} of ${results.length} failed:\n${failed.map(({ title, error }) => `${title}: ${error}`).join("\n")}`,
      );
    });
});
