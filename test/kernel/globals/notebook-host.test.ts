import assert from "node:assert/strict";
import type { createDisplay } from "../../../kernel/child/globals/display.ts";
import type { createNotebookHost } from "../../../kernel/child/globals/notebook-host.ts";
import type { createProgress } from "../../../kernel/child/globals/progress.ts";
import type { NotebookHost } from "../../../ml/notebook-host.ts";
import { runCell, startKernel } from "../kernel-fixture.ts";

type Display = ReturnType<typeof createDisplay>;
type ProgressBars = ReturnType<typeof createProgress>["progress"];
type KernelsHost = ReturnType<typeof createNotebookHost<Display, ProgressBars>>;
/** Does not compile where the kernel's object is not what the library expects. */
const fits: KernelsHost extends NotebookHost ? true : never = true;

describe("the notebook's host object", () => {
  it("is of the type that the library expects, and found by it", async () => {
    assert.ok(fits);
    const kernel = await startKernel();
    try {
      const run = await runCell(
        kernel.client,
        `import { notebookHost } from "tenon"; notebookHost()?.display({ "text/plain": "by the library" });`,
      );
      const [shown] = run.outputs;
      assert.ok(shown?.type === "display_data");
      assert.deepEqual(shown.data, { "text/plain": "by the library" });
    } finally {
      await kernel.stop();
    }
  });
});
