/** @file Models computed by other providers than the CPU: WebGPU by SwiftShader, each in a process that sees this driver. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { runCommand } from "../../support/run-command.ts";
import { softwareVulkan } from "../../support/software-vulkan.ts";
import { writeSlowModel } from "./slow-model.ts";

const answers = v.object({
  platform: v.string(),
  values: v.array(v.array(v.number())),
  warnings: v.array(v.string()),
});
/** How often a process is started again that the driver ended: SwiftShader does so once in some forty. */
const patience = 3;
const noDriver = { VK_DRIVER_FILES: "/none.json", VK_ICD_FILENAMES: "/none.json" };

describe("providers of served models", function () {
  this.timeout(60_000);
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-providers-"));
    await writeSlowModel(join(folder, "slow"), 16);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const ask = async (
    provider: string,
    env: Readonly<Record<string, string>>,
  ): Promise<v.InferOutput<typeof answers>> => {
    const child = join(import.meta.dirname, "provider-child.ts");
    const args = ["--import", "tsx", child, join(folder, "slow"), provider];
    for (let tries = 1; ; tries++) {
      try {
        return v.parse(answers, JSON.parse((await runCommand(process.execPath, args, { env })).stdout));
      } catch (error) {
        const crashed = error instanceof Error && /ended by SIG(?:SEGV|ABRT|BUS|ILL)/.test(error.message);
        if (!crashed || tries >= patience) throw error;
        console.log(`      ${error.message}: run once more`);
      }
    }
  };

  it("webgpu gives what the CPU gives, in batches of any size", async function () {
    const driver = softwareVulkan();
    if (driver === undefined) {
      const reason = "no SwiftShader found: install Chromium";
      if (process.env["TENON_REQUIRE_BROWSER"] === "1") throw new Error(reason);
      console.log(`      skipped: ${reason}`);
      return this.skip();
    }
    const { platform, values, warnings } = await ask("webgpu", driver);
    assert.deepEqual([platform, warnings], ["onnx_onnxv1_webgpu", []]);
    const expected = await ask("cpu", noDriver);
    assert.deepEqual(
      [expected.platform, expected.values.map(({ length }) => length)],
      ["onnx_onnxv1", [3, 40]],
    );
    for (const [place, value] of expected.values.flat().entries())
      assert.ok(Math.abs((values.flat()[place] ?? Number.NaN) - value) < 1e-5, `${place}: ${value}`);
    return undefined;
  });

  it("one that is named and doesn't work is an error; the best is the CPU then, with a warning", async () => {
    await assert.rejects(ask("webgpu", noDriver), /the model can't be computed by webgpu: /);
    const { platform, warnings } = await ask("best", { ...noDriver, TENON_PROVIDER: "webgpu" });
    assert.equal(platform, "onnx_onnxv1");
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /slow, version 1, runs on the CPU: the model can't be computed by webgpu: /,
    );
  });
});
