/** @file The kernels of several notebooks: one session each, and real kernels that end with their notebooks. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelCommand } from "../../../extension/kernels/kernel-session.ts";
import { NotebookKernels } from "../../../extension/kernels/notebook-kernels.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import { kernelEntry, runCell } from "../../kernel/kernel-fixture.ts";

describe("the kernels of open notebooks", function () {
  this.timeout(60_000);
  let folder: string;
  let kernels: NotebookKernels;
  const command = async (): Promise<KernelCommand> => {
    await Promise.resolve();
    return {
      argv: kernelArgv(process.execPath, kernelEntry),
      cwd: folder,
      env: { XDG_DATA_HOME: join(folder, ".data") },
      onLog: () => undefined,
    };
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-kernels-"));
    kernels = new NotebookKernels();
  });
  afterEach(async () => {
    await kernels.leaveAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has one session for each notebook, told of once", () => {
    const opened: string[] = [];
    kernels.onOpened(({ notebook }) => opened.push(notebook));
    const first = kernels.open("file:///a.ipynb", command);
    assert.equal(kernels.open("file:///a.ipynb", command), first);
    const second = kernels.open("file:///b.ipynb", command);
    assert.deepEqual(opened, ["file:///a.ipynb", "file:///b.ipynb"]);
    assert.equal(kernels.get("file:///a.ipynb"), first);
    assert.deepEqual(kernels.all(), [first, second]);
    assert.equal(first.state, "stopped");
  });

  it("keeps the variables of notebooks apart, and ends the kernel of a notebook that is closed", async () => {
    const a = kernels.open("file:///a.ipynb", command);
    const b = kernels.open("file:///b.ipynb", command);
    await runCell(await a.start(), "const ofA = 1;");
    assert.match((await runCell(await b.start(), "ofA")).error?.evalue ?? "", /ofA/);
    const closed: string[] = [];
    kernels.onClosed(({ notebook }) => closed.push(notebook));
    await kernels.close("file:///a.ipynb");
    await kernels.close("file:///never-opened.ipynb");
    assert.deepEqual(closed, ["file:///a.ipynb"]);
    assert.equal(a.state, "stopped");
    assert.equal(b.state, "idle");
    assert.equal(kernels.get("file:///a.ipynb"), undefined);
    const again = kernels.open("file:///a.ipynb", command);
    assert.notEqual(again, a);
    assert.match((await runCell(await again.start(), "ofA")).error?.evalue ?? "", /ofA/);
  });

  it("ends all kernels that no window could find again", async () => {
    const sessions = ["a", "b"].map((name) => kernels.open(`file:///${name}.ipynb`, command));
    await Promise.all(sessions.map(async (session) => await session.start()));
    await kernels.leaveAll();
    assert.deepEqual(
      sessions.map(({ state }) => state),
      ["stopped", "stopped"],
    );
    assert.deepEqual(kernels.all(), []);
  });
});
