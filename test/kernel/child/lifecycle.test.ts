import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChildProcess } from "../../../kernel/supervisor/child-process.ts";
import { bundleFolder, isAlive, TestKernel } from "./harness.ts";

describe("the child's life", function () {
  this.timeout(60_000);
  const kernels: TestKernel[] = [];
  const start = async (options: Parameters<typeof TestKernel.start>[0] = {}): Promise<TestKernel> => {
    const kernel = await TestKernel.start(options);
    kernels.push(kernel);
    return kernel;
  };
  afterEach(async () => {
    for (const kernel of kernels.splice(0)) await kernel.stop();
  });

  it("ends by process.exit, with all output before", async () => {
    const kernel = await start();
    const request = kernel.start(
      "process.on('exit', () => console.log('bye')); console.log('hello'); process.exit(3)",
    );
    const exit = await kernel.child.exited;
    assert.equal(exit.code, 3);
    assert.equal(exit.reason, "the code called process.exit(3)");
    assert.equal(kernel.output(request, "stdout"), "hello\nbye\n");
  });

  it("names a crash of native code", async () => {
    const kernel = await start();
    kernel.start("process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})");
    const exit = await kernel.child.exited;
    assert.equal(exit.signal, "SIGSEGV");
    assert.match(exit.reason, /native code crashed/);
  });

  it("names an abort", async () => {
    const kernel = await start();
    kernel.start("process.abort()");
    assert.match((await kernel.child.exited).reason, /SIGABRT/);
  });

  it("recognises that memory ran out", async () => {
    const kernel = await start({ nodeArgs: ["--max-old-space-size=40"] });
    kernel.start(
      "const all: unknown[] = []; while (true) all.push(new Array(1000).fill('x'.repeat(3)).map(String))",
    );
    const exit = await kernel.child.exited;
    assert.equal(exit.outOfMemory, true, exit.reason);
    assert.match(exit.reason, /out of memory/);
  });

  it("says why it was killed, and rejects what was asked of it", async () => {
    const kernel = await start();
    kernel.start("while (true) {}");
    const pending = kernel.child.inspector("Runtime.evaluate", { expression: "while (true) {}" });
    kernel.child.kill("it did not react to an interrupt");
    await assert.rejects(pending, { name: "ChildEndedError" });
    assert.equal((await kernel.child.exited).reason, "it did not react to an interrupt");
    await assert.rejects(kernel.child.inspector("Runtime.enable"), { name: "ChildEndedError" });
    kernel.child.interrupt();
    kernel.child.inputReply("x");
  });

  it("takes the processes that it started with it", async () => {
    const kernel = await start();
    const run = await kernel.run(
      "require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' }).pid",
    );
    const pid = Number(run.text);
    assert.ok(isAlive(pid));
    kernel.child.kill();
    await kernel.child.exited;
    for (let wait = 0; wait < 100 && isAlive(pid); wait += 1) await new Promise((ok) => setTimeout(ok, 10));
    assert.ok(!isAlive(pid));
  });

  it("reports a Node that could not be started", async () => {
    const child = ChildProcess.start({
      childPath: "none",
      controlPath: "none",
      cwd: process.cwd(),
      nodePath: "/nonexistent/node",
    });
    assert.match((await child.exited).reason, /could not be started: .*ENOENT/);
    child.kill();
  });

  it("dies with a parent that is killed, in a loop as well", async () => {
    const kernel = await start();
    const folder = mkdtempSync(join(kernel.folder, "parent-"));
    // The parent is a process of its own, so that it can be killed.
    writeFileSync(
      join(folder, "parent.mts"),
      `import { ChildProcess } from ${JSON.stringify(new URL("../../../kernel/supervisor/child-process.ts", import.meta.url).href)};
       const child = ChildProcess.start({ childPath: ${JSON.stringify(join(bundleFolder, "child.cjs"))}, controlPath: ${JSON.stringify(join(bundleFolder, "child-control.cjs"))}, cwd: ${JSON.stringify(folder)} });
       child.onMessage = (message) => {
         if (message.type === "ready") child.send({ type: "execute", request: "r", code: "console.log('looping'); while (true) {}", fileName: "c", label: "c", map: undefined, source: "", cellId: undefined, hideResult: true, silent: false, allowStdin: false, userExpressions: {} });
         if (message.type === "stream") console.log(child.pid);
       };`,
    );
    const parent = spawn(process.execPath, ["--import", "tsx", join(folder, "parent.mts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.on("data", (data: Buffer) => resolve(Number(String(data))));
    });
    assert.ok(isAlive(pid));
    parent.kill("SIGKILL");
    for (let wait = 0; wait < 300 && isAlive(pid); wait += 1) await new Promise((ok) => setTimeout(ok, 10));
    assert.ok(!isAlive(pid), "the child has ended");
    rmSync(folder, { recursive: true, force: true });
  });

  it("does not grow with the number of cells", async () => {
    const kernel = await start({ nodeArgs: ["--expose-gc"] });
    const heap = async (): Promise<number> =>
      Number((await kernel.run("(globalThis as any).gc(); process.memoryUsage().heapUsed")).text);
    const run = async (count: number): Promise<void> => {
      for (let cell = 0; cell < count; cell += 1) {
        kernel.messages.length = 0;
        await kernel.run(
          `const value${cell % 7} = { data: new Array(1000).fill(${cell}) }; function f() { return value${cell % 7} }; f()`,
        );
        if (cell % 50 === 0) await kernel.run("throw new Error('x')");
      }
    };
    // The maps of the newest thousand cells are kept.
    await run(1200);
    const before = await heap();
    await run(1200);
    const after = await heap();
    assert.ok(after - before < 2_000_000, `${before} to ${after} bytes`);
  });
});
