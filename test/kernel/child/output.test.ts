import assert from "node:assert/strict";
import type { ChildMessage } from "../../../kernel/child/protocol.ts";
import { TestKernel } from "./harness.ts";

describe("output of cells", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(async () => {
    await kernel.stop();
  });

  const pause = async (milliseconds: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };

  it("keeps the order of streams and displays", async () => {
    const run = await kernel.run(
      "console.log('a'); console.error('b'); display.html('<b>c</b>'); process.stdout.write('d'); console.log('e'); 'f'",
    );
    const kinds = run.messages.map((message) =>
      message.type === "stream" ? `${message.name}:${message.text}` : message.type,
    );
    assert.deepEqual(kinds, [
      "stdout:a\n",
      "stderr:b\n",
      "display",
      "stdout:d",
      "stdout:e\n",
      "result",
      "done",
    ]);
  });

  it("loses no line of a hundred thousand, all before done", async () => {
    const run = await kernel.run("for (let i = 0; i < 100_000; i++) console.log('line ' + i)");
    const lines = run.stdout.split("\n");
    assert.equal(lines.length, 100_001);
    assert.equal(lines[99_999], "line 99999");
    assert.equal(run.messages.at(-1)?.type, "done");
    const frames = run.messages.filter((message) => message.type === "stream");
    assert.ok(frames.length < 100, `${frames.length} frames`);
  });

  it("arrives while the cell is still busy", async () => {
    const request = kernel.start(
      "console.log('first'); const end = Date.now() + 400; while (Date.now() < end) { if (end - Date.now() < 300) console.log('x') }",
    );
    await kernel.message((message) => message.type === "stream" && message.request === request);
    assert.ok(!kernel.messages.some((message) => message.type === "done" && message.request === request));
    await kernel.finished(request);
  });

  it("arrives before a long computation that prints nothing", async () => {
    const request = kernel.start("console.log('one'); console.log('two'); while (true) {}");
    await kernel.message(
      (message) => message.type === "stream" && message.request === request && message.text.includes("two"),
    );
    kernel.child.interrupt(request);
    await kernel.finished(request);
  });

  it("arrives before a long computation, also where the cell before it has just printed much", async () => {
    for (let round = 0; round < 4; round += 1) {
      await kernel.run(
        `const end${round} = Date.now() + 50; while (Date.now() < end${round}) console.log('x')`,
      );
      const request = kernel.start("console.log('one'); console.log('two'); while (true) {}");
      await kernel.message(
        (message) => message.type === "stream" && message.request === request && message.text.includes("two"),
      );
      kernel.child.interrupt(request);
      await kernel.finished(request);
    }
  });

  it("arrives to the last line before a long computation, however much it was", async () => {
    for (const lines of [20, 5000]) {
      const request = kernel.start(
        `for (let i = 1; i <= ${lines}; i++) console.log('line ' + i); console.error('end'); while (true) {}`,
      );
      await kernel.message(
        (message) => message.type === "stream" && message.request === request && message.text.includes("end"),
      );
      assert.ok(kernel.output(request, "stdout").endsWith(`line ${lines}\n`));
      kernel.child.interrupt(request);
      await kernel.finished(request);
    }
  });

  it("is whole and in order where it is sent between the steps of a cell that never lets go", async () => {
    const run = await kernel.run(
      "let spin = 0; for (let i = 0; i < 400; i++) { for (let j = 0; j < 12; j++) console.log('line ' + (12 * i + j)); if (i % 40 === 0) { const end = Date.now() + 150; while (Date.now() < end) spin += 1; } }",
    );
    assert.deepEqual(run.stdout.split("\n"), [
      ...Array.from({ length: 4800 }, (_, line) => `line ${line}`),
      "",
    ]);
  });

  it("arrives while the cell waits", async () => {
    const request = kernel.start(
      "console.log('before'); await new Promise((ok) => setTimeout(ok, 300)); console.log('after')",
    );
    await kernel.message((message) => message.type === "stream" && message.request === request);
    assert.equal(kernel.output(request, "stdout"), "before\n");
    assert.equal((await kernel.finished(request)).stdout, "before\nafter\n");
  });

  it("formats as Node's console does, with colours", async () => {
    const run = await kernel.run(
      "console.log(1, 'a%s', { b: [1] }); console.log('%d-%s', 5, 'x'); console.group('g'); console.log('in'); console.groupEnd(); console.log('100%');" +
        "console.table([{ a: 1 }]); console.dir({ d: 1 }); console.log(-0, 1n, true, null, undefined, Symbol('s')); console.log(); console.count('c'); console.info('i'); console.debug('g')",
    );
    assert.equal(
      run.stdout,
      "1 a%s { b: [ 1 ] }\n5-x\ng\n  in\n100%\n┌─────────┬───┐\n│ (index) │ a │\n├─────────┼───┤\n│ 0       │ 1 │\n└─────────┴───┘\n" +
        "{ d: 1 }\n-0 1n true null undefined Symbol(s)\n\nc: 1\ni\ng\n",
    );
    const raw = await kernel.run("console.log(5); console.log({ a: 5 })");
    const text = raw.messages.map((message) => (message.type === "stream" ? message.text : "")).join("");
    assert.equal(text, "\u001B[33m5\u001B[39m\n{ a: \u001B[33m5\u001B[39m }\n");
  });

  it("writes console.error, warn, trace and assert to stderr", async () => {
    const run = await kernel.run(
      "console.error('e'); console.warn('w'); console.assert(false, 'no'); console.trace('t')",
    );
    assert.equal(run.stdout, "");
    assert.match(run.stderr, /^e\nw\nAssertion failed: no\nTrace: t\n\s+at Cell \[\d+\]:1:\d+\n$/);
  });

  it("has streams that libraries can use", async () => {
    const run = await kernel.run(
      "import { Readable } from 'node:stream'; import { pipeline } from 'node:stream/promises';\n" +
        "process.stdout.write(new Uint8Array([0xe2, 0x82])); process.stdout.write(new Uint8Array([0xac, 10]));\n" +
        "process.stdout.write('6869', 'hex'); await new Promise<void>((ok) => process.stdout.write('!\\n', () => ok()));\n" +
        "await pipeline(Readable.from(['p', 'q\\n']), process.stdout, { end: false });\n" +
        "process.stdout.end('end\\n'); console.log('still', process.stdout.hasColors(), process.stdout.getColorDepth(), process.stdout.isTTY)",
    );
    assert.equal(run.error, undefined, run.traceback);
    assert.equal(run.stdout, "€\nhi!\npq\nend\nstill true 8 false\n");
  });

  it("captures native writes and child processes before done, in order with the cell's own", async () => {
    const run = await kernel.run(
      "import { execSync, spawn, spawnSync } from 'node:child_process'; import { writeSync } from 'node:fs';\n" +
        "console.log('1'); execSync('echo 2; echo e >&2', { stdio: 'inherit' }); console.log('3'); writeSync(1, 'native\\n');" +
        "await new Promise((ok) => spawn('echo', ['spawned'], { stdio: 'inherit' }).on('close', ok)); spawnSync('echo', ['5'], { stdio: 'inherit' })",
    );
    assert.ok(run.stdout.indexOf("1\n") < run.stdout.indexOf("2\n"), run.stdout);
    for (const part of ["1\n", "2\n", "3\n", "native\n", "spawned\n", "5\n"])
      assert.ok(run.stdout.includes(part), part);
    assert.equal(run.stderr, "e\n");
    assert.equal(run.messages.at(-1)?.type, "done");
  });

  it("attributes late output to the cell that started it", async () => {
    const first = kernel.start(
      "setTimeout(() => { console.log('late timer'); setImmediate(() => display({ late: 1 })) }, 50); Promise.resolve().then(() => console.log('late promise')); void 0",
    );
    await kernel.finished(first);
    const second = await kernel.run("await new Promise((ok) => setTimeout(ok, 150)); console.log('mine')");
    assert.equal(second.stdout, "mine\n");
    assert.equal(kernel.output(first, "stdout"), "late promise\nlate timer\n");
    assert.ok(kernel.messages.some((message) => message.type === "display" && message.request === first));
  });

  it("attributes output of an event handler to the cell that caused the event's source", async () => {
    const first = kernel.start(
      "import { createServer } from 'node:net'; const server = createServer((socket) => { console.log('connection'); socket.end() }).listen(0, '127.0.0.1'); await new Promise((ok) => server.once('listening', ok))",
    );
    await kernel.finished(first);
    const second = await kernel.run(
      "import { connect } from 'node:net'; const { port } = server.address() as any; await new Promise((ok) => connect(port, '127.0.0.1').on('close', ok).resume()); server.close(); console.log('client')",
    );
    assert.equal(second.stdout, "client\n");
    assert.equal(kernel.output(first, "stdout"), "connection\n");
  });

  const late = async (request: string): Promise<Extract<ChildMessage, { type: "late_error" }>> => {
    const message = await kernel.message(
      (candidate) => candidate.type === "late_error" && candidate.request === request,
    );
    assert.equal(message.type, "late_error");
    return message;
  };

  it("reports late exceptions and rejections with their cell, and lives on", async () => {
    const thrown = kernel.start("setTimeout(() => {\n  throw new RangeError('late')\n}, 20)");
    const rejected = kernel.start("void Promise.reject(new TypeError('nobody waits'))");
    await kernel.run("await new Promise((ok) => setTimeout(ok, 100))");
    assert.equal((await late(thrown)).ename, "RangeError");
    assert.match((await late(thrown)).traceback.join("\n"), /Cell \[\d+\]:2:9/);
    assert.equal((await late(rejected)).evalue, "nobody waits");
    assert.equal((await kernel.run("1 + 1")).text, "2");
  });

  it("waits for asynchronous displays before done", async () => {
    const run = await kernel.run(
      "display({ async [Symbol.for('Jupyter.display')]() { await new Promise((ok) => setTimeout(ok, 50)); return { 'text/plain': 'slow' } } }); 1",
    );
    assert.deepEqual(
      run.messages.map(({ type }) => type),
      ["display", "result", "done"],
    );
  });

  it("tells when displays are updated and cleared", async () => {
    const run = await kernel.run(
      "const handle = display(1); handle.update(2); display.clear({ wait: true })",
    );
    assert.deepEqual(
      run.messages.map(({ type }) => type),
      ["display", "update_display", "clear_output", "done"],
    );
  });

  it("blocks a runaway printer while paused, and can still interrupt it", async () => {
    const request = kernel.start(
      "let printed = 0; while (true) { console.log('x'.repeat(1000)); printed++ }",
    );
    await kernel.message((message) => message.type === "stream" && message.request === request);
    kernel.child.pause();
    await pause(200);
    const before = kernel.messages.length;
    await pause(200);
    assert.equal(kernel.messages.length, before);
    kernel.child.interrupt(request);
    assert.equal((await kernel.finished(request)).error?.ename, "Interrupted");
    const printed = Number((await kernel.run("printed")).text);
    // The interrupt may come between a line and its count.
    const lines = kernel.output(request, "stdout").length / 1001;
    assert.ok(lines === printed || lines === printed + 1, `${printed} lines printed, ${lines} arrived`);
    assert.ok(printed < 100_000, `${printed} lines`);
  });

  it("goes on where it was when it is resumed", async () => {
    const request = kernel.start("for (let i = 0; i < 5000; i++) console.log('y'.repeat(1000) + i)");
    kernel.child.pause();
    await pause(100);
    kernel.child.resume();
    const run = await kernel.finished(request);
    assert.equal(run.stdout.split("\n").length, 5001);
  });
});
