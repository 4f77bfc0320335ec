/** @file Days on which something breaks: the user sees what happened and what to do, once, and loses nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { notebookFile } from "../support/notebook-file.ts";
import { useWorkbench } from "../support/use-workbench.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { Workbench } from "../support/workbench.ts";

describe("a bad day in VS Code", function () {
  this.timeout(600_000);
  let workbench: Workbench;

  useWorkbench({
    files: {
      "killed.ipynb": notebookFile("const kept = 1;", "await new Promise(() => {});", "'next'", "'last'"),
      "broken.ipynb": '{ "cells": [ { "cell_type": "code", ',
      "flood.ipynb": notebookFile(
        "const line = 'x'.repeat(99);\nfor (let i = 0; i < 500_000; i++) console.log(line);",
        "display.html('<p>' + 'y'.repeat(12_000_000) + '</p>');\n'after'",
      ),
      "long.ipynb": notebookFile(...Array.from({ length: 500 }, (_, i) => `const x${i} = ${i};\nx${i} * 2`)),
      "shared.ipynb": notebookFile("const here = 'a';\nhere", "here + '!'"),
      "full.ipynb": notebookFile("'x'.repeat(2000)", "'more'"),
    },
    ready: (opened) => {
      workbench = opened;
    },
  });
  const closeAll = async (): Promise<void> => await workbench.command("View: Revert and Close Editor");

  it("a kernel is killed: the cell says so, one message offers a restart, what waited does not run", async () => {
    const page = await workbench.openNotebook("killed.ipynb");
    await page.cell(0).run();
    const [kernel] = workbench.server.kernels();
    assert.ok(kernel !== undefined);
    await page.startRunAll();
    await page.cell(1).waitForStatus("executing");
    process.kill(kernel.pid, "SIGKILL");
    await page.cell(1).waitForOutput("did not finish");
    const message = workbench.notification("has ended");
    await message.waitFor();
    await workbench.screenshot("bad-day-kernel-killed");
    assert.equal((await workbench.notifications()).length, 1);
    await page.waitForIdle();
    assert.equal(await page.cell(2).status(), "none");
    await message.getByRole("button", { name: "Restart" }).click();
    await page.cell(2).run();
    await page.cell(2).waitForOutput("next");
    assert.deepEqual(await workbench.notifications(), []);
    await closeAll();
  });

  it("a file that is no notebook says so, and does no harm", async () => {
    await workbench.openFile("broken.ipynb");
    await workbench.page
      .locator(".editor-instance")
      .getByText(/could not be opened|JSON/i)
      .first()
      .waitFor();
    await workbench.screenshot("bad-day-broken-notebook");
    assert.ok((await workbench.notifications()).length <= 1, (await workbench.notifications()).join("\n"));
    assert.equal(
      await readFile(join(workbench.workspace, "broken.ipynb"), "utf8"),
      '{ "cells": [ { "cell_type": "code", ',
    );
    await workbench.command("View: Close Editor");
  });

  it("50 MB of text: the head is shown, the rest is in a file, and the window stays usable", async () => {
    const page = await workbench.openNotebook("flood.ipynb");
    await page.cell(0).startRun();
    await page.cell(0).waitForStatus("executing");
    await page.waitForIdle(180_000);
    assert.equal(await page.cell(0).status(), "success");
    const outputs = join(workbench.server.globalStorage, "outputs");
    const rest = async (extension: string): Promise<number> => {
      const name = (await readdir(outputs)).find((each) => each.endsWith(extension));
      return (await stat(join(outputs, name ?? ""))).size;
    };
    await page.cell(0).waitForOutput("MB of text are shown");
    await waitUntil("the rest to be written", async () => (await rest(".txt")) >= 39_000_000);
    await page.cell(1).run();
    await page.cell(1).waitForOutput("12 MB is not shown");
    await page.cell(1).waitForOutput("after");
    assert.ok((await rest(".html")) > 12_000_000);
    await workbench.screenshot("bad-day-flood");
    await closeAll();
  });

  it("500 cells run in order", async () => {
    const page = await workbench.openNotebook("long.ipynb");
    const start = Date.now();
    await page.runAll();
    console.log(`        500 cells: ${Date.now() - start} ms`);
    await workbench.command("Notebook: Focus Last Cell");
    await page.cell(499).waitForOutput("998");
    assert.equal(await page.cell(499).executionCount(), "500");
    await closeAll();
  });

  it("two windows on one notebook: each has its kernel, and the second to save is asked", async () => {
    const first = await workbench.openNotebook("shared.ipynb");
    await first.cell(0).run();
    const other = await workbench.newWindow();
    const second = await other.openNotebook("shared.ipynb");
    await second.cell(1).run();
    await second.cell(1).waitForOutput("Cannot find name 'here'");
    assert.equal(workbench.server.kernels().length, 2);
    await second.cell(0).edit("const here = 'b';");
    await second.save();
    await first.cell(1).edit("here + '?'");
    await workbench.page.keyboard.press("ControlOrMeta+s");
    await workbench.notification("shared.ipynb").waitFor();
    await workbench.screenshot("bad-day-two-windows");
    assert.match((await workbench.notifications()).join("\n"), /newer/);
    assert.equal(await first.cell(1).text(), "here + '?'");
    await other.page.close();
  });

  for (const [what, room, message, answers] of [
    ["takes the beginning of a file", 1000, "could not be written whole", ["Save Again"]],
    // The failed attempt has emptied the file, which VS Code then takes for newer.
    ["takes nothing more", 0, "Failed to save", ["Retry", "Overwrite"]],
  ] as const)
    it(`a disk that ${what}: saving says so, the notebook stays unsaved, and can be saved again`, async () => {
      const page = await workbench.openNotebook("full.ipynb");
      await page.cell(0).run();
      await page.cell(1).edit(`const room = ${room};`);
      const limit = (bytes: number | string): void => {
        for (const pid of workbench.server.processes())
          // One that has ended in the meantime writes nothing.
          spawnSync("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`]);
      };
      limit(room);
      try {
        await workbench.page.keyboard.press("ControlOrMeta+s");
        await workbench.notification(message).waitFor();
        await workbench.screenshot(`bad-day-disk-${room}`);
        await workbench.page.locator(".tabs-container .tab.active.dirty").first().waitFor();
        assert.equal((await workbench.notifications()).length, 1);
        assert.equal(await page.cell(1).text(), `const room = ${room};`);
      } finally {
        limit("unlimited");
      }
      for (const name of answers) await workbench.notification().getByRole("button", { name }).click();
      await workbench.page.locator(".tabs-container .tab.active:not(.dirty)").first().waitFor();
      const saved = await readFile(join(workbench.workspace, "full.ipynb"), "utf8");
      assert.match(saved, new RegExp(`const room = ${room};`));
      assert.doesNotThrow(() => JSON.parse(saved));
    });
});

describe("a kernel that cannot start", function () {
  this.timeout(600_000);
  let workbench: Workbench;
  useWorkbench({
    files: {
      "n.ipynb": notebookFile("1", "2", "3"),
      ".vscode/settings.json": { "tenon.kernel.node": "/no/such/node" },
    },
    ready: (opened) => {
      workbench = opened;
    },
  });

  it("says why in the cell and once beside it, and starts when the setting is mended", async () => {
    const page = await workbench.openNotebook("n.ipynb");
    await page.startRunAll();
    await page.cell(0).waitForOutput("/no/such/node");
    await page.waitForIdle();
    await workbench.notification("could not be started").waitFor();
    assert.equal((await workbench.notifications()).length, 1);
    assert.equal(await page.cell(1).status(), "none");
    await workbench.screenshot("bad-day-no-kernel");
    await workbench.setWorkspaceSettings({});
    await page.cell(2).run();
    await page.cell(2).waitForOutput("3");
  });
});
