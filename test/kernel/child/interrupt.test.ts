import assert from "node:assert/strict";
import { isAlive, TestKernel } from "./harness.ts";

describe("interrupting cells", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    kernel.write("slow.ts", "while (true) {}\nexport {};\n");
    await kernel.run("let kept = 'kept'; let n = 0");
  });
  after(async () => {
    await kernel.stop();
  });

  /** A child without the leftovers of earlier tests: loops that await go on after their interrupt. */
  const restart = async (): Promise<void> => {
    await kernel.stop();
    kernel = await TestKernel.start();
  };

  const pause = async (milliseconds: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };

  const cells: Readonly<Record<string, string>> = {
    "a loop": "while (true) {}",
    "a loop that catches everything": "while (true) { try { while (true) {} } catch {} finally { n++ } }",
    "a regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "an await of nothing": "await new Promise(() => {})",
    "a loop after an await": "await 1; while (true) {}",
    "a loop after a timer": "await new Promise((ok) => setTimeout(ok, 1)); while (true) {}",
    "a loop in a timer": "setTimeout(() => { while (true) {} }, 1); await new Promise(() => {})",
    "a loop in nextTick": "process.nextTick(() => { while (true) {} }); await new Promise(() => {})",
    "a loop in an immediate": "setImmediate(() => { while (true) {} }); await new Promise(() => {})",
    "a loop in a file callback":
      "require('node:fs').readFile('slow.ts', () => { while (true) {} }); await new Promise(() => {})",
    "endless microtasks": "for (;;) await null",
    "endless macrotasks": "for (;;) await new Promise((ok) => setImmediate(ok))",
    "a printer": "while (true) console.log('spam', n++)",
    "a waiting printer": "for (;;) { await new Promise((ok) => setTimeout(ok, 1)); console.log(n++) }",
    "a display loop": "while (true) display({ n: n++ })",
    execSync: "require('node:child_process').execSync('sleep 20; echo no')",
    "spawnSync in a loop": "while (true) require('node:child_process').spawnSync('sleep', ['20'])",
    "an import that loops": "await import('./slow.ts')",
    "a value whose display loops": "({ [Symbol.for('Jupyter.display')]() { while (true) {} } })",
    "a cell whose abort listener loops":
      "cell.signal.addEventListener('abort', () => { while (true) {} }); await new Promise(() => {})",
    "eval in a loop": "while (true) eval('n++')",
  };
  for (const [what, source] of Object.entries(cells)) {
    it(`stops ${what} and keeps state`, async () => {
      const request = kernel.start(source);
      await pause(60);
      kernel.child.interrupt(request);
      const run = await Promise.race([kernel.finished(request), pause(3000)]);
      assert.ok(run !== undefined, "it did not stop");
      assert.equal(run.error?.ename, "Interrupted", run.traceback);
      assert.equal((await kernel.run("kept")).text, "'kept'");
    });
  }

  it("stops everything that runs where no request is named", async () => {
    await restart();
    const first = kernel.start("await new Promise(() => {})");
    const second = kernel.start("await new Promise(() => {})");
    await pause(50);
    kernel.child.interrupt();
    assert.equal((await kernel.finished(first)).error?.ename, "Interrupted");
    assert.equal((await kernel.finished(second)).error?.ename, "Interrupted");
  });

  it("stops the named request only", async () => {
    const first = kernel.start("await new Promise((ok) => setTimeout(ok, 300)); 'done'");
    const second = kernel.start("await new Promise(() => {})");
    await pause(50);
    kernel.child.interrupt(second);
    assert.equal((await kernel.finished(second)).error?.ename, "Interrupted");
    assert.equal((await kernel.finished(first)).text, "'done'");
  });

  it("aborts the cell's signal, and shows the error of code that ends by it", async () => {
    const request = kernel.start(
      "import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(20_000, undefined, { signal: cell.signal })",
    );
    await pause(60);
    kernel.child.interrupt(request);
    const run = await kernel.finished(request);
    assert.equal(run.error?.ename, "AbortError");
    assert.match(run.traceback, /Caused by: Interrupted/);
    const handled = kernel.start(
      "try { await new Promise((_, no) => cell.signal.addEventListener('abort', () => no(cell.signal.reason))) } catch { console.log('cleaned up') }",
    );
    await pause(50);
    kernel.child.interrupt(handled);
    await kernel.finished(handled);
    assert.equal(kernel.output(handled, "stdout"), "cleaned up\n");
    assert.equal((await kernel.run("cell.signal.aborted")).text, "false");
  });

  it("stops child processes that the cell has started, with what they started, and no others", async () => {
    await kernel.run("import { spawn } from 'node:child_process'; const mine = spawn('sleep', ['30'])");
    const request = kernel.start(
      "const tree = spawn('sh', ['-c', 'sleep 30 & echo $!; wait']); const grandchild = new Promise<number>((ok) => tree.stdout.on('data', (data) => ok(Number(data)))); console.log('pid', await grandchild); await new Promise((ok) => tree.on('exit', ok))",
    );
    await kernel.message((message) => message.type === "stream" && message.request === request);
    const pid = Number(/pid (\d+)/.exec(kernel.output(request, "stdout"))?.[1]);
    assert.ok(isAlive(pid));
    kernel.child.interrupt(request);
    await kernel.finished(request);
    for (let wait = 0; wait < 100 && isAlive(pid); wait += 1) await pause(10);
    assert.ok(!isAlive(pid), "the grandchild has ended");
    assert.equal((await kernel.run("mine.exitCode === null && mine.signalCode === null")).text, "true");
    await kernel.run("mine.kill()");
  });

  it("drops what an abandoned cell does after its end, but keeps its output apart", async () => {
    const request = kernel.start(
      "await new Promise((ok) => setTimeout(ok, 200)); console.log('afterwards'); 'value'",
    );
    await pause(50);
    kernel.child.interrupt(request);
    const run = await kernel.finished(request);
    assert.equal(run.error?.ename, "Interrupted");
    const next = await kernel.run("await new Promise((ok) => setTimeout(ok, 300)); 1");
    assert.equal(next.stdout, "");
    assert.equal(
      kernel.messages.filter((message) => message.type === "done" && message.request === request).length,
      1,
    );
    assert.equal(
      kernel.messages.filter((message) => message.type === "result" && message.request === request).length,
      0,
    );
  });

  it("does not hit the next cell where the named one has just ended", async () => {
    for (let round = 0; round < 20; round += 1) {
      const ended = kernel.start("1");
      if (round % 2 === 0) await kernel.finished(ended);
      kernel.child.interrupt(ended);
      await pause(round / 2);
      await kernel.finished(ended);
      assert.equal(
        (await kernel.run("let s = 0; for (let i = 0; i < 1e5; i++) s += i; s")).text,
        "4999950000",
      );
    }
  });

  it("ends a cell that has not begun", async () => {
    const first = kernel.start("const until = Date.now() + 300; while (Date.now() < until);");
    const second = kernel.start("console.log('began')");
    kernel.child.interrupt(second);
    assert.equal((await kernel.finished(first)).error, undefined);
    const run = await kernel.finished(second);
    assert.equal(run.error?.ename, "Interrupted");
    assert.equal(run.stdout, "");
  });

  it("tells when it took effect", async () => {
    const interrupted = new Set<string>();
    kernel.child.onInterrupted = (request) => interrupted.add(request);
    const request = kernel.start("while (true) {}");
    await pause(50);
    kernel.child.interrupt(request);
    await kernel.finished(request);
    for (let wait = 0; wait < 200 && !interrupted.has(request); wait += 1) await pause(10);
    assert.ok(interrupted.has(request));
  });

  it("survives the collection of what was stopped", async () => {
    await kernel.run("require('node:v8').setFlagsFromString('--expose-gc')");
    await kernel.run("const gc = require('node:vm').runInNewContext('gc')");
    for (const source of ["await 1; while (true) {}", "await new Promise(() => {})", "for (;;) await null"]) {
      const request = kernel.start(source);
      await pause(30);
      kernel.child.interrupt(request);
      await kernel.finished(request);
    }
    const waiting = kernel.start("await new Promise(() => {})");
    assert.equal(
      (await kernel.run("gc(); await new Promise((ok) => setTimeout(ok, 20)); gc(); 'alive'")).text,
      "'alive'",
    );
    kernel.child.interrupt(waiting);
    assert.equal((await kernel.finished(waiting)).error?.ename, "Interrupted");
  });

  it("stops printers at any moment without losing or repeating a line", async () => {
    for (let round = 0; round < 15; round += 1) {
      const request = kernel.start("let line = 0; while (true) console.log(`<${line++}>`)");
      await kernel.message((message) => message.type === "stream" && message.request === request);
      await pause(round * 3);
      kernel.child.interrupt(request);
      await kernel.finished(request);
      const numbers = [...kernel.output(request, "stdout").matchAll(/<(\d+)>\n/g)].map((match) =>
        Number(match[1]),
      );
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index),
        "lines are in order, without gaps",
      );
      const last = Number((await kernel.run("line")).text);
      assert.ok(last - numbers.length <= 1, `${last} printed, ${numbers.length} arrived`);
    }
  });
});
