/** @file The extension inside VS Code's extension host: it is found, it activates fast, and its commands are there. */
import assert from "node:assert/strict";
import { type Extension, commands, extensions } from "vscode";

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
  it(`activates in under ${activationBudget} ms`, async () => {
    const extension = tenon();
    if (extension.isActive) return;
    const start = performance.now();
    await extension.activate();
    const took = performance.now() - start;
    console.log(`      activated in ${took.toFixed(0)} ms`);
    assert.ok(took < activationBudget, `activation took ${took.toFixed(0)} ms`);
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

  it("declares each command that it registers, or hides it from people by an underscore", async () => {
    const manifest: Manifest = tenon().packageJSON;
    const declared = new Set((manifest.contributes?.commands ?? []).map(({ command }) => command));
    const own = (await commands.getCommands(true)).filter((command) => command.startsWith("tenon."));
    const generated = /\.(?:focus|open|removeView|resetViewLocation|toggleVisibility)$/;
    assert.deepEqual(
      own.filter((command) => !declared.has(command) && !generated.test(command)),
      [],
    );
  });
});
