/** @file The extension inside VS Code's extension host: it is found, it activates fast, and its commands are there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import * as v from "valibot";
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

/** Waits until the host is done with starting its other extensions, whose work would be measured too; 10 s at most. */
async function quiet(): Promise<void> {
  const end = performance.now() + 10_000;
  for (let calm = 0; calm < 10 && performance.now() < end;) {
    const before = process.cpuUsage();
    await delay(50);
    const { user, system } = process.cpuUsage(before);
    calm = user + system < 5_000 ? calm + 1 : 0;
  }
}

/** Milliseconds in which this thread could have run and other programs had the processor, as Linux counts them; 0 elsewhere. */
function heldUp(): number {
  if (process.platform !== "linux") return 0;
  const [, waited] = readFileSync("/proc/self/schedstat", "utf8").split(" ");
  return Number(waited) / 1e6;
}

describe("the extension", () => {
  it("is not active in a window without notebooks, and then activates in time", async function () {
    const extension = tenon();
    assert.equal(extension.isActive, false);
    await quiet();
    const [start, heldBefore] = [performance.now(), heldUp()];
    await extension.activate();
    const took = performance.now() - start - (heldUp() - heldBefore);
    if (this.test !== undefined) this.test.title += ` (${took.toFixed(0)} ms)`;
    assert.ok(took < activationBudget, `activation took ${took.toFixed(0)} ms`);
  });

  it("leaves ZeroMQ and the parser unloaded until they are needed", async () => {
    await tenon().activate();
    const { sharedObjects } = v.parse(
      v.object({ sharedObjects: v.array(v.string()) }),
      process.report.getReport(),
    );
    assert.ok(sharedObjects.length > 0, "the report names no shared objects");
    const loaded = [...sharedObjects, ...Object.keys(createRequire(import.meta.dirname).cache)];
    assert.deepEqual(
      loaded.filter((path) => /zeromq|oxc-(?:parser|transform)|[\\/]@oxc-/.test(path)),
      [],
    );
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
