import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { doctorPage } from "../../../extension/first-use/doctor-report.ts";
import {
  CommandError,
  type TenonCommand,
  examine,
  installKernelspec,
} from "../../../extension/first-use/tenon-command.ts";
import { repositoryRoot } from "../../kernel/kernel-fixture.ts";

describe("the tenon command from the editor", function () {
  this.timeout(120_000);
  let folder: string;
  let command: TenonCommand;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-command-"));
    const main = join(repositoryRoot, "dist", "cli", "main.js");
    command = {
      node: process.execPath,
      main,
      cwd: folder,
      env: { JUPYTER_DATA_DIR: join(folder, "jupyter") },
    };
  });
  after(async () => await rm(folder, { recursive: true, force: true }));
  const { signal } = new AbortController();

  it("examines the machine, and the page says what to do first", async () => {
    const report = await examine(command, signal);
    assert.equal(report.healthy, true);
    const page = doctorPage(report, {
      title: "Doctor",
      healthy: "The essentials work.",
      unhealthy: "Something is missing.",
      toDo: "What you can do",
      allFindings: "All findings",
    });
    assert.match(page, /^# Doctor\n\nThe essentials work\./);
    assert.match(page, /### Kernel\n\n- ✓ kernel: runs a cell/);
    const advised = report.findings.filter(({ advice }) => advice !== undefined).length;
    assert.equal(page.match(/^ {2}→ \S/gm)?.length ?? 0, advised);
  });

  it("installs the kernel for Jupyter", async () => {
    const directory = await installKernelspec(command, signal);
    assert.ok(existsSync(join(directory, "kernel.json")));
    assert.ok(directory.startsWith(folder));
  });

  it("installs VS Code's own runtime, which is Electron, as a Node", async () => {
    const electron = join(folder, "electron.mjs");
    const versions = '{ ...process.versions, electron: "39.0.0" }';
    await writeFile(electron, `Object.defineProperty(process, "versions", { value: ${versions} });`);
    const env = { ...command.env, NODE_OPTIONS: `--import=${pathToFileURL(electron).href}` };
    const specOf = async (by: TenonCommand): Promise<unknown> =>
      JSON.parse(await readFile(join(await installKernelspec(by, signal), "kernel.json"), "utf8"));
    const variables = v.object({ env: v.optional(v.record(v.string(), v.string())) });
    assert.deepEqual(v.parse(variables, await specOf({ ...command, env })).env, {
      ELECTRON_RUN_AS_NODE: "1",
    });
    assert.equal(v.parse(variables, await specOf(command)).env, undefined);
  });

  it("says why it can't run", async () => {
    await assert.rejects(examine({ ...command, node: join(folder, "no-node") }, signal), CommandError);
    await assert.rejects(examine({ ...command, main: join(folder, "no-main.js") }, signal), CommandError);
    const aborted = AbortSignal.abort();
    await assert.rejects(examine(command, aborted), { name: "AbortError" });
  });
});
