/**
 * @file The graph engine on ONNX Runtime's WebGPU provider, computed by a Vulkan driver in software, with the tests that
 * hold on every provider: 1e-5 norm-wise, but for functions of which WGSL asks less (`ops.test.ts` says which).
 */
import assert from "node:assert/strict";
import { runNumeric } from "../../gpu/run-numeric.ts";
import { numericFiles } from "../../gpu/numeric-suite.ts";
import { lavapipe, softwareVulkan } from "../../support/software-vulkan.ts";

describe("the graph engine on WebGPU, by software Vulkan", function () {
  this.timeout(300_000);
  let env: Readonly<Record<string, string>>;

  before(function () {
    const found = softwareVulkan();
    if (found !== undefined) {
      env = found;
      return;
    }
    const reason = "no SwiftShader found: install Chromium";
    if (process.env["TENON_REQUIRE_BROWSER"] === "1") throw new Error(reason);
    console.log(`      skipped: ${reason}`);
    this.skip();
  });

  for (const file of numericFiles)
    it(`every test of ${file}`, async () => {
      const { provider, results } = await runNumeric(file, "webgpu", env);
      assert.equal(provider, "webgpu");
      assert.ok(results.length > 0, "no test has run");
      const failed = results.filter(({ error }) => error !== undefined);
      const list = failed.map(({ title, error }) => `${title}: ${error}`).join("\n");
      assert.equal(failed.length, 0, `${failed.length} of ${results.length} failed:\n${list}`);
    });
});

describe("training in float16 on WebGPU, by software Vulkan that has it", function () {
  this.timeout(120_000);

  it("every test of half-training.test.ts", async function () {
    const env = lavapipe();
    const skip = (why: string): void => {
      console.log(`      skipped: ${why}; SwiftShader has no shader-f16`);
      this.skip();
    };
    if (env === undefined) return skip("no lavapipe found");
    const required = { ...env, TENON_REQUIRE_FLOAT16: "1" };
    const { provider, results } = await runNumeric("half-training.test.ts", "webgpu", required);
    const failed = results.filter(({ error }) => error !== undefined);
    if (failed.some(({ error }) => error?.includes("No supported adapters")))
      return skip("WebGPU takes lavapipe from Mesa 23 on");
    assert.equal(provider, "webgpu");
    assert.ok(results.length > 0, "no test has run");
    assert.deepEqual(
      failed.map(({ title, error }) => `${title}: ${error}`),
      [],
    );
    return undefined;
  });
});

describe("WebGPU without a driver", function () {
  this.timeout(60_000);

  it("is named, in a process of each of two tries", async function () {
    if (process.platform !== "linux") return this.skip();
    const env = {
      ...softwareVulkan(),
      VK_DRIVER_FILES: "/nonexistent.json",
      VK_ICD_FILENAMES: "/nonexistent.json",
    };
    const { results } = await runNumeric("scan.test.ts", "webgpu", env);
    // What only traces needs no device.
    const failed = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
    assert.ok(failed.length > 0, "nothing has failed");
    for (const error of failed)
      assert.match(error, /RuntimeError: WebGPU gave no device: .*No supported adapters/);
    return undefined;
  });
});
