import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InstallError, installPackages, missingPackage } from "../../../extension/first-use/packages.ts";
import { processTreeMemory } from "../../../extension/kernels/process-memory.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";
import { type NpmRegistry, startRegistry } from "./npm-registry.ts";

describe("packages that a cell asks for", function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  let registry: NpmRegistry;
  before(async () => {
    registry = await startRegistry(
      "greeting",
      "1.2.3",
      'exports.greet = (name) => "안녕, " + name;',
      "export declare function greet(name: string): string;",
    );
    kernel = await startKernel();
    await writeFile(join(kernel.directory, ".npmrc"), `registry=${registry.url}\naudit=false\n`);
  });
  after(async () => {
    await kernel.stop();
    await registry.stop();
  });

  it("are named by the error, installed, and there for the cell", async () => {
    const cell = 'import { greet } from "greeting";\ngreet("Ada")';
    const { error } = await runCell(kernel.client, cell);
    const name = missingPackage(`${error?.evalue ?? ""}\n${error?.traceback ?? ""}`);
    assert.equal(name, "greeting");
    let log = "";
    await installPackages(kernel.client, ["greeting@1.2.3"], (text) => {
      log += text;
    });
    assert.match(log, /added 1 package/);
    assert.equal((await runCell(kernel.client, cell)).result, "'안녕, Ada'");
  });

  it("that do not exist are refused with npm's words", async () => {
    await assert.rejects(
      installPackages(kernel.client, ["no-such-package"], () => undefined),
      InstallError,
    );
  });

  it("never bring more than a name into a command", async () => {
    for (const name of ["a; touch x", "a && b", "$(b)", "a b", "-g", "..", "--registry=http://evil", "../a"])
      await assert.rejects(
        installPackages(kernel.client, [name], () => undefined),
        /is no name/,
      );
    assert.equal(missingPackage("run %npm install @scope/name"), "@scope/name");
    assert.equal(missingPackage("run %npm install `x`"), undefined);
    assert.equal(missingPackage("something else"), undefined);
  });

  it("tells the memory of the kernel's processes", async () => {
    const before = (await processTreeMemory(kernel.client.pid ?? 0)) ?? 0;
    assert.ok(before > 20 * 2 ** 20, `${before}`);
    await runCell(kernel.client, "const big = Buffer.alloc(200 * 2 ** 20, 1);");
    const after = (await processTreeMemory(kernel.client.pid ?? 0)) ?? 0;
    assert.ok(after - before > 150 * 2 ** 20, `${before} ${after}`);
    assert.equal(await processTreeMemory(2 ** 30), undefined);
  });
});
