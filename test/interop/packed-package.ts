/** @file The package as others get it: packed, installed into an empty folder, and used from there. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailedError, runCommand, tryCommand } from "../support/run-command.ts";
import { repositoryRoot } from "../support/repository.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { assertOutputs, readExecutedNotebook, sampleCells, writeNotebook } from "./sample-notebook.ts";
import { withScratchFolder } from "./scratch-folder.ts";

export const packedPackage: InteropSuite = {
  name: "packed-package",
  about:
    "`npm pack`, `npm install` of the tarball in an empty folder, the library and the `tenon` command from there",
  peer: "npm",
  run: () =>
    withScratchFolder(async (folder) => {
      const checks = new Checks();
      const project = join(folder, "project");
      mkdirSync(project);
      // As it was built: packing must not build anew what other suites are using.
      const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
      await runCommand("npm", pack, { cwd: repositoryRoot });
      const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
      if (tarball === undefined) throw new CommandFailedError("npm pack wrote no tarball");
      const tenon = (...args: string[]) =>
        tryCommand(join(project, "node_modules/.bin/tenon"), args, { cwd: project, timeout: 60_000 });

      await checks.check("installs in an empty folder, without a CUDA download", async () => {
        const { code, stderr } = await tryCommand("npm", ["install", join(folder, tarball)], {
          cwd: project,
        });
        assert.equal(code, 0, stderr);
        const runtime = join(project, "node_modules/onnxruntime-node/bin/napi-v6/linux/x64");
        assert.equal(existsSync(join(runtime, "libonnxruntime_providers_cuda.so")), false);
      });
      await checks.check("the library can be imported", async () => {
        writeFileSync(
          join(project, "use.mjs"),
          'import * as tenon from "tenon"; console.log(Object.keys(tenon).length);',
        );
        const { code, stdout, stderr } = await tryCommand(process.execPath, ["use.mjs"], { cwd: project });
        assert.equal(code, 0, stderr);
        assert.ok(Number(stdout) > 0);
      });
      await checks.check("the command runs a notebook", async () => {
        writeNotebook(join(project, "sample.ipynb"), sampleCells);
        const { code, stderr } = await tenon("run", "sample.ipynb", "--out", "executed.ipynb");
        assert.equal(code, 0, stderr);
        const executed = readExecutedNotebook(join(project, "executed.ipynb"));
        for (const [index, cell] of sampleCells.entries()) assertOutputs(executed[index], cell);
      });
      await checks.check("the kernel is installed from it", async () => {
        const { code, stderr } = await tenon("kernel", "install", "--prefix", join(project, "prefix"));
        assert.equal(code, 0, stderr);
        const spec = readFileSync(join(project, "prefix/share/jupyter/kernels/tenon/kernel.json"), "utf8");
        assert.match(spec, /node_modules\/tenon\/dist\/kernel\/main\.cjs/);
      });
      return checks.result;
    }),
};
