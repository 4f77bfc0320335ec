import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";
import { DebugEditor } from "./debug-editor.ts";

describe("debugging a notebook's cells", () => {
  let kernel: TestKernel;
  let editor: DebugEditor;
  beforeEach(async () => {
    kernel = await startKernel();
    editor = new DebugEditor(kernel.client);
  });
  afterEach(async () => {
    await editor.relay.dispose();
    await kernel.stop();
  });
  const run = async (uri: string) => await runCell(kernel.client, editor.texts.get(uri) ?? "");

  it("stops at a cell's breakpoint, steps over and into another cell, and shows variables", async () => {
    const first = editor.cell("a", "function double(x: number) {\n  return x * 2;\n}");
    const second = editor.cell("b", "%check off\nconst n = 20;\nconst m = double(n);\nm + 2");
    await run(first);
    editor.marks.set(second, [{ line: 3 }]);
    const capabilities = await editor.open();
    assert.equal(capabilities.supportsConditionalBreakpoints, true);
    assert.equal(editor.configured, 1);

    const running = run(second);
    const stopped = await editor.event("stopped");
    assert.equal(stopped["reason"], "breakpoint");
    assert.equal(await editor.where(), "b:3");
    assert.equal(await editor.value("n"), "20");
    await editor.request("stepIn", { threadId: 1 });
    await editor.event("stopped");
    assert.equal(await editor.where(), "a:2");
    assert.equal(await editor.value("x"), "20");
    const [frame] = await editor.frames();
    const hover = await editor.request("evaluate", {
      expression: "x + 1",
      frameId: frame?.id,
      context: "hover",
    });
    assert.equal((hover as { result: string }).result, "21");
    await editor.request("setExpression", { expression: "x", value: "4", frameId: frame?.id });
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).result, "10");
  });

  it("says plainly that a stopped program can't await", async () => {
    const cell = editor.cell("a", "const n = 1;\ndebugger;\nn");
    await editor.open();
    const running = run(cell);
    await editor.event("stopped");
    const [frame] = await editor.frames();
    const response = await editor.respond("evaluate", {
      expression: "await Promise.resolve(n)",
      frameId: frame?.id,
      context: "repl",
    });
    assert.equal(response.success, false);
    assert.match(response.message ?? "", /await/);
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).result, "1");
  });

  it("moves the breakpoints of an edited cell, and keeps the editor's ids", async () => {
    const cell = editor.cell("a", "let n = 1;\nn += 1;\nn");
    await editor.open();
    const [set] = await editor.mark(cell, [{ line: 2 }]);
    editor.cell("a", "// a comment\n\nlet n = 1;\nn += 1;\nn");
    editor.marks.set(cell, [{ line: 4 }]);
    await editor.relay.cellsChanged();
    const { breakpoint } = await editor.event("breakpoint");
    assert.deepEqual(
      { ...(breakpoint as object) },
      { id: set?.id, verified: true, source: { path: cell }, line: 4, column: 1 },
    );
    const running = run(cell);
    const stopped = await editor.event("stopped");
    assert.deepEqual(stopped["hitBreakpointIds"], [set?.id]);
    assert.equal(await editor.where(), "a:4");
    await editor.request("continue", { threadId: 1 });
    await running;
  });

  it("shows the text that runs where its cell was edited since", async () => {
    const cell = editor.cell("a", "function old() {\n  debugger;\n}");
    await run(cell);
    editor.cell("a", "// nothing like it");
    const call = editor.cell("b", "old()");
    await editor.open();
    const running = run(call);
    await editor.event("stopped");
    const [frame] = await editor.frames();
    assert.equal(frame?.source?.name, "as it ran");
    const reference = frame?.source?.sourceReference;
    const shown = await editor.request("source", { sourceReference: reference, source: frame?.source });
    assert.equal((shown as { content: string }).content, "function old() {\n  debugger;\n}");
    await editor.request("continue", { threadId: 1 });
    await running;
  });

  it("tells cells of the same text apart, and knows cells of other notebooks for theirs", async () => {
    const first = editor.cell("a", "let k = 1;\nk");
    const second = editor.cell("b", "let k = 1;\nk");
    await editor.open();
    const [one] = await editor.mark(first, [{ line: 1 }]);
    const [two] = await editor.mark(second, [{ line: 2 }]);
    assert.notEqual(one?.id, two?.id);
    assert.deepEqual([one?.source?.path, two?.source?.path], [first, second]);
    const [other] = await editor.mark("vscode-notebook-cell:/folder/other.ipynb#x", [{ line: 1 }]);
    assert.equal(other?.verified, false);
    editor.relay.prefer(second);
    const running = run(second);
    await editor.event("stopped");
    assert.equal(await editor.where(), "b:1");
    await editor.request("continue", { threadId: 1 });
    await editor.event("stopped");
    await editor.request("continue", { threadId: 1 });
    await running;
  });

  it("stops in a module that a cell imports", async () => {
    const file = join(kernel.directory, "helper.ts");
    await writeFile(file, "export function help(n: number): number {\n  return n + 1;\n}\n");
    const cell = editor.cell("a", '%check off\nimport { help } from "./helper.ts";\nhelp(1)');
    await editor.open();
    await editor.mark(file, [{ line: 2 }]);
    const running = run(cell);
    await editor.event("stopped");
    const [frame, caller] = await editor.frames();
    assert.deepEqual([frame?.source?.path, frame?.line], [file, 2]);
    assert.equal(caller?.source?.path, cell);
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).result, "2");
  });

  it("writes log points, with their place, and heeds conditions", async () => {
    const cell = editor.cell("a", "let sum = 0;\nfor (let i = 0; i < 5; i++) {\n  sum += i;\n}\nsum");
    editor.marks.set(cell, [
      { line: 3, condition: "i === 3" },
      { line: 5, logMessage: "the sum is {sum}" },
    ]);
    await editor.open();
    const running = run(cell);
    await editor.event("stopped");
    assert.equal(await editor.value("i"), "3");
    await editor.request("continue", { threadId: 1 });
    await running;
    const output = await editor.event("output");
    assert.equal(output["output"], "the sum is 10\n");
    assert.deepEqual((output["source"] as { path: string }).path, cell);
  });

  it("stops at an uncaught exception and tells of it", async () => {
    const cell = editor.cell("a", 'const why = "broken";\nthrow new RangeError(why);');
    await editor.open();
    const running = run(cell);
    const stopped = await editor.event("stopped");
    assert.equal(stopped["reason"], "exception");
    const info = await editor.request("exceptionInfo", { threadId: 1 });
    assert.match((info as { description: string }).description, /broken/);
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).error?.ename, "RangeError");
  });

  it("leaves an interrupt to end a stopped cell", async () => {
    const cell = editor.cell("a", "let kept = 1;\ndebugger;\nwhile (true);");
    await editor.open();
    const running = run(cell);
    await editor.event("stopped");
    await kernel.client.interrupt();
    assert.ok((await running).error !== undefined);
    await editor.event("continued");
    assert.equal((await runCell(kernel.client, "kept")).result, "1");
  });

  it("attaches to the kernel that takes the place of a restarted one", async () => {
    const cell = editor.cell("a", "let n = 1;\nn += 1;\nn");
    await editor.open();
    const [set] = await editor.mark(cell, [{ line: 2 }]);
    const lost = run(cell).catch(() => undefined);
    await editor.event("stopped");
    editor.relay.kernelGone();
    await editor.event("continued");
    await kernel.client.restart();
    await lost;
    await editor.relay.attachTo(kernel.client);
    const running = run(cell);
    const stopped = await editor.event("stopped");
    assert.deepEqual(stopped["hitBreakpointIds"], [set?.id]);
    assert.equal(await editor.where(), "a:2");
    await editor.request("continue", { threadId: 1 });
    assert.equal((await running).result, "2");
    assert.ok(!editor.events.some(({ event }) => event === "initialized" || event === "terminated"));
  });

  it("is no longer stopped when the cell's process has gone", async () => {
    const cell = editor.cell("a", "debugger;");
    await editor.open();
    const { result: pid } = await runCell(kernel.client, "process.pid");
    const running = run(cell);
    await editor.event("stopped");
    process.kill(Number(pid), "SIGKILL");
    assert.ok((await running).error !== undefined);
    await editor.event("continued");
  });

  it("ends the cell where the session is the cell's own, and says once that it ended", async () => {
    const own = new DebugEditor(kernel.client, { stopsCell: true });
    const cell = own.cell("a", "debugger;\nwhile (true);");
    assert.equal((await own.open()).supportsTerminateRequest, true);
    const running = runCell(kernel.client, own.texts.get(cell) ?? "");
    await own.event("stopped");
    await own.request("terminate");
    assert.ok((await running).error !== undefined);
    own.relay.end();
    await own.event("terminated");
    await own.request("disconnect");
    assert.deepEqual(
      own.events.filter(({ event }) => event === "terminated"),
      [],
    );
    await own.relay.dispose();
  });

  it("answers whatever becomes of the kernel", async () => {
    await editor.open();
    await kernel.client.kill();
    const response = await editor.respond("threads");
    assert.equal(response.success, false);
    editor.relay.end();
    editor.relay.end();
    await editor.event("terminated");
    assert.ok(!editor.events.some(({ event }) => event === "terminated"));
  });
});
