/** @file The extension inside VS Code's extension host: it is found, it activates fast, and its commands are there. */
import assert from "node:assert/strict";
import { type Extension, commands, extensions } from "vscode";

/** Milliseconds. */
const activationBudget = 200;

interface Manifest {
  readonly contributes?: { readonly commands?: readonly { readonly command: string }[] };
}

function tenon(): Extension<unknown> {
  const found = extensions.getExtension("tenon.tenon");
  assert.ok(found, "the extension is not installed");
  return found;
}

describe("the extension", () => {
  it("is not active in a window without notebooks, and then activates in time", async function () {
    const extension = tenon();
    assert.equal(extension.isActive, false);
    const [start, cpuStart] = [performance.now(), process.cpuUsage()];
    await extension.activate();
    const took = performance.now() - start;
    const { user, system } = process.cpuUsage(cpuStart);
    // The processor's time: what passes on the clock depends on what else the machine does.
    const worked = (user + system) / 1000;
    if (this.test !== undefined)
      this.test.title += ` (${took.toFixed(0)} ms, ${worked.toFixed(0)} ms of them processor time)`;
    assert.ok(Math.min(took, worked) < activationBudget, `activation took ${worked.toFixed(0)} ms`);
  });

  it("registers each command that its manifest declares", async () => {
    await tenon().activate();
    const manifest: Manifest = tenon().packageJSON;
    const declared = (manifest.contributes?.commands ?? []).map(({ command }) => command);
    assert.ok(declared.length > 0, "no command is declared");
    const registered = new Set(await commands.getCommands(true));
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
      "declared and not registered",
    );
  });
});
