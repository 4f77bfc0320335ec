import assert from "node:assert/strict";
import { join } from "node:path";
import { runCommand } from "../../support/run-command.ts";

describe("a worker that is killed before it takes a connection", () => {
  it("leaves no client waiting for ever", async () => {
    const child = join(import.meta.dirname, "unanswered-child.ts");
    const { stdout } = await runCommand(process.execPath, ["--import", "tsx", child], { timeout: 20_000 });
    assert.equal(stdout, "closed");
  });
});
