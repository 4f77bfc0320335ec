/**
 * @file Every backend computes what the cpu backend computes: operations, their gradients, and the training of small
 * models. `TENON_TFJS_NODE` names a folder where `@tensorflow/tfjs-node` is installed, to test that too.
 */
import assert from "node:assert/strict";
import { type BackendResults, type Numbers, runConformance } from "./conformance.ts";
import { models } from "./models.ts";
import { operations } from "./operations.ts";
import { softwareVulkan } from "../../support/software-vulkan.ts";

const tolerance = 1e-4;
// WGSL allows sin and cos an absolute error of 2⁻¹¹ each, atan one of 4096 units in the last place.
const looser: Readonly<Record<string, number>> = { "webgpu: sin, cos, atan and its gradients": 2 ** -9 };

describe("TensorFlow.js backends", function () {
  this.timeout(300_000);
  let expected: BackendResults;
  before(async () => {
    expected = await runConformance("cpu");
    assert.equal(expected.backend, "cpu");
  });

  describe("wasm", () => {
    conforms("wasm", () => runConformance("wasm"));
  });

  describe("webgpu on software Vulkan", () => {
    conforms("webgpu", async (context) => {
      const env = softwareVulkan();
      if (env !== undefined) return await runConformance("webgpu", { env });
      const reason = "no SwiftShader found: install Chromium";
      if (process.env["TENON_REQUIRE_BROWSER"] === "1") throw new Error(reason);
      console.log(`      skipped: ${reason}`);
      return context.skip();
    });
  });

  const folder = process.env["TENON_TFJS_NODE"];
  if (folder !== undefined)
    describe(`tfjs-node in ${folder}`, () => {
      conforms("tensorflow", () => runConformance("node", { cwd: folder }));
    });

  function conforms(backend: string, run: (context: Mocha.Context) => Promise<BackendResults>): void {
    let actual: BackendResults;
    before(async function () {
      actual = await run(this);
    });
    it("is the backend that was asked for", () => assert.equal(actual.backend, backend));
    for (const { name } of [...operations, ...models])
      it(name, () => assertSameNumbers(actual, expected, name, looser[`${backend}: ${name}`] ?? tolerance));
  }
});

/** Equal to within a tolerance that is absolute below 1 and relative above. */
function assertSameNumbers(
  actual: BackendResults,
  expected: BackendResults,
  name: string,
  tolerance: number,
): void {
  const [wanted, given] = [expected.cases[name], actual.cases[name]];
  assert.ok(wanted !== undefined && "numbers" in wanted, JSON.stringify(wanted));
  assert.ok(given !== undefined && "numbers" in given, JSON.stringify(given));
  assert.deepEqual(Object.keys(given.numbers), Object.keys(wanted.numbers));
  for (const [what, { shape, dtype, data }] of Object.entries(wanted.numbers)) {
    const tensor: Numbers[string] | undefined = given.numbers[what];
    assert.deepEqual([tensor?.shape, tensor?.dtype, tensor?.data.length], [shape, dtype, data.length], what);
    for (const [index, number] of data.entries()) {
      assert.ok(number !== null, `${what}[${index}] of the cpu backend is no number`);
      const other = tensor?.data[index] ?? Number.NaN;
      const difference = Math.abs(other - number) / Math.max(1, Math.abs(number));
      assert.ok(difference <= tolerance, `${what}[${index}]: ${other} differs from ${number}`);
    }
  }
}
