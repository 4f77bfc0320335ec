import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { runCell, startKernel, type TestKernel } from "../kernel-fixture.ts";

describe("kernel: control", () => {
  let kernel: TestKernel;
  before(async () => {
    // A small heap, so that running out of memory does not take long.
    kernel = await startKernel({ env: { NODE_OPTIONS: "--max-old-space-size=200" } });
  });
  after(() => kernel.stop());

  const stopped: readonly [string, string][] = [
    ["a busy loop", "while (true) {}"],
    ["an await that never ends", "await new Promise(() => {})"],
    ["a loop after an await", "await null; for (;;) {}"],
    ["regular expression backtracking", "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["Atomics.wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
    ["a child process", `(await import("node:child_process")).spawnSync("sleep", ["60"])`],
    ["an endless printer", "for (;;) console.log('again and again')"],
  ];
  for (const [name, code] of stopped) {
    it(`interrupts ${name} and keeps state`, async () => {
      await runCell(kernel.client, "let kept = 41;");
      const execution = kernel.client.execute(code);
      const waiting = kernel.client.execute("'never'");
      await delay(300);
      await kernel.client.interrupt();
      const reply = await execution.reply;
      assert.equal(reply.status, "error");
      assert.equal((await waiting.reply).status, "aborted");
      assert.equal((await runCell(kernel.client, "kept + 1")).result, "42");
    });
  }

  it("aborts cell.signal on interrupt", async () => {
    const execution = kernel.client.execute(`
let seen = "nothing";
cell.signal.addEventListener("abort", () => { seen = "aborted" });
await new Promise(() => {})`);
    await delay(300);
    await kernel.client.interrupt();
    await execution.reply;
    assert.equal((await runCell(kernel.client, "seen")).result, "'aborted'");
  });

  it("does nothing when an idle kernel is interrupted", async () => {
    await kernel.client.interrupt();
    assert.equal((await runCell(kernel.client, "1")).result, "1");
  });

  it("answers heartbeat, completion, inspection and history while a cell runs", async () => {
    await runCell(kernel.client, "const busyNames = [1, 2, 3];");
    const execution = kernel.client.execute("const end = Date.now() + 1500; while (Date.now() < end) {}");
    await delay(200);
    const start = performance.now();
    await kernel.client.beat();
    const completion = await kernel.client.complete("busyNames.joi");
    assert.deepEqual(completion.matches, ["join"]);
    assert.equal((await kernel.client.inspect("busyNames", 3)).found, true);
    assert.equal((await kernel.client.history({ n: 1 })).history.length, 1);
    assert.ok(performance.now() - start < 1000, "answered before the cell ended");
    assert.equal((await execution.reply).status, "ok");
  });

  const deaths: readonly [string, string, RegExp][] = [
    ["exits", "process.exit(3)", /exit/i],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", /SIGKILL/],
    [
      "runs out of memory",
      "const hoard: unknown[] = []; for (;;) hoard.push(new Array(1e5).fill(hoard.length))",
      /memory/i,
    ],
  ];
  for (const [name, code, reason] of deaths) {
    it(`goes on with a new process when the cell ${name}`, async function () {
      this.timeout(90_000);
      await runCell(kernel.client, "let before = 1;");
      const run = await runCell(kernel.client, code);
      assert.equal(run.error?.ename, "KernelRestarted");
      assert.match(run.error?.evalue ?? "", reason);
      assert.equal((await runCell(kernel.client, "1 + 1")).result, "2");
      // The names are gone for the type checker as well.
      assert.equal((await runCell(kernel.client, "before")).error?.ename, "TypeCheckError");
    });
  }

  it("runs cells of a subshell while the main shell awaits", async () => {
    const id = await kernel.client.createSubshell();
    assert.deepEqual(await kernel.client.listSubshells(), [id]);
    const main = kernel.client.execute("await new Promise((resolve) => setTimeout(resolve, 1500)); 'main'");
    const sub = await runCell(kernel.client, "'sub'", { subshellId: id });
    assert.equal(sub.result, "'sub'");
    const finishedFirst = await Promise.race([main.reply.then(() => "main"), delay(0, "sub")]);
    assert.equal(finishedFirst, "sub");
    // Each reply has its own cell's count, in whatever order they end.
    assert.equal((await main.reply).execution_count, (sub.reply.execution_count ?? 0) - 1);
    await kernel.client.deleteSubshell(id);
    assert.deepEqual(await kernel.client.listSubshells(), []);
    assert.equal((await kernel.client.execute("1", { subshellId: id }).reply).status, "error");
  });

  it("answers a malformed request with an error and drops an unknown one", async () => {
    const malformed = await kernel.client.request("shell", "complete_request", { code: 5 });
    assert.equal(malformed.content["status"], "error");
    assert.equal(malformed.content["ename"], "BadRequestError");
    void kernel.client.request("shell", "make_coffee_request", {}, { timeout: 200 }).catch(() => {});
    assert.equal((await kernel.client.kernelInfo()).implementation, "tenon");
  });
});

describe("kernel: encryption", () => {
  it("speaks CurveZMQ where the connection file carries keys", async () => {
    const kernel = await startKernel({ encrypt: true });
    try {
      assert.equal((await runCell(kernel.client, "6 * 7")).result, "42");
    } finally {
      await kernel.stop();
    }
  });
});
