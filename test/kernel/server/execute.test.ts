import assert from "node:assert/strict";
import type { Message } from "../../../jupyter/message.ts";
import { runCell, startKernel, type TestKernel } from "../kernel-fixture.ts";

describe("kernel: execute", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
  });
  after(() => kernel.stop());

  it("shows the last expression's value and counts cells", async () => {
    const first = await runCell(kernel.client, "1 + 1");
    assert.equal(first.result, "2");
    assert.equal(first.reply.status, "ok");
    const second = await runCell(kernel.client, "'a' + 1;");
    assert.equal(second.result, undefined);
    assert.equal(second.reply.execution_count, (first.reply.execution_count ?? 0) + 1);
  });

  it("publishes busy first, then input and outputs, and idle last", async () => {
    const types: string[] = [];
    const stop = kernel.client.onIopub((message: Message) => {
      const state = message.content["execution_state"];
      types.push(typeof state === "string" ? state : message.header.msg_type);
    });
    await runCell(kernel.client, `console.log("out"); console.error("err"); display.json({ a: 1 }); 42`);
    stop();
    assert.equal(types[0], "busy");
    assert.equal(types[1], "execute_input");
    assert.equal(types.at(-1), "idle");
    assert.deepEqual(types.slice(2, -1), ["stream", "stream", "display_data", "execute_result"]);
  });

  it("says with the end of each cell what tensors are computed on, once they were", async () => {
    const told: unknown[] = [];
    const stop = kernel.client.onIopub(({ content, metadata }: Message) => {
      if (content["execution_state"] === "idle") told.push(metadata["backend"]);
    });
    await runCell(kernel.client, "1");
    const run = await runCell(
      kernel.client,
      `import { tensor, useProvider } from "tenon/graph";\nuseProvider("cpu");\n(await tensor([1, 2]).add(1).data())[1]`,
    );
    await runCell(kernel.client, "1");
    stop();
    assert.equal(run.result, "3");
    assert.deepEqual(told, [undefined, "cpu", "cpu"]);
  });

  it("keeps state across cells and lets anything be redeclared", async () => {
    await runCell(kernel.client, "const value = 1; function twice(x: number) { return 2 * x }");
    assert.equal((await runCell(kernel.client, "twice(value)")).result, "2");
    await runCell(kernel.client, `class value { readonly name = "class" }\nlet twice = "text"`);
    assert.equal((await runCell(kernel.client, "new value().name + twice")).result, "'classtext'");
  });

  it("does not run a cell with type errors and shows where they are", async () => {
    const run = await runCell(kernel.client, `console.log("ran");\nconst wrong: number = "text";`);
    assert.equal(run.stdout, "");
    assert.equal(run.error?.ename, "TypeCheckError");
    assert.match(
      run.error?.traceback ?? "",
      /Cell \[\d+\]:2:7 TS2322: Type 'string' is not assignable to type 'number'/,
    );
    assert.match(run.error?.traceback ?? "", /> 2 \| const wrong: number = "text";\n\s+\|\s+~~~~~/);
  });

  it("runs it with %check off, and warns with %%check warn", async () => {
    const warned = await runCell(kernel.client, `%%check warn\nconst w: number = "text";\nw`);
    assert.equal(warned.result, "'text'");
    assert.match(warned.stderr, /TS2322/);
    const off = await runCell(kernel.client, `%check off\nconst o: number = "text";\no`);
    assert.equal(off.result, "'text'");
    assert.equal(off.stderr, "");
    await runCell(kernel.client, "%check on");
    assert.equal((await runCell(kernel.client, `const p: number = "text";`)).error?.ename, "TypeCheckError");
  });

  it("reports syntax errors at their place", async () => {
    const run = await runCell(kernel.client, "const a = 1;\nconst = 2;");
    assert.equal(run.error?.ename, "SyntaxError");
    assert.match(run.error?.traceback ?? "", /:2:7/);
  });

  it("reports a thrown error with the cell's own lines", async () => {
    const code =
      "function inner() {\n  throw new RangeError('too far', { cause: new Error('the cause') });\n}\ninner();";
    const run = await runCell(kernel.client, code);
    assert.equal(run.error?.ename, "RangeError");
    assert.equal(run.error?.evalue, "too far");
    assert.match(run.error?.traceback ?? "", /:2:\d+/);
    assert.match(run.error?.traceback ?? "", /the cause/);
    assert.doesNotMatch(run.error?.traceback ?? "", /node:internal|dist\/kernel/);
  });

  it("aborts what waits behind an error, and goes on afterwards", async () => {
    // Only what has arrived is aborted, so it fails when that has.
    const failing = kernel.client.execute(
      "await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('stop')",
    );
    const waiting = kernel.client.execute("1");
    const alsoWaiting = kernel.client.execute("2");
    assert.equal((await failing.reply).status, "error");
    assert.equal((await waiting.reply).status, "aborted");
    assert.equal((await alsoWaiting.reply).status, "aborted");
    assert.equal((await runCell(kernel.client, "3")).result, "3");
  });

  it("does not abort without stop_on_error", async () => {
    const failing = kernel.client.execute("throw new Error('go on')", { stopOnError: false });
    const waiting = kernel.client.execute("7");
    assert.equal((await failing.reply).status, "error");
    assert.equal((await waiting.reply).status, "ok");
  });

  it("evaluates user_expressions, each with its own outcome", async () => {
    const { reply } = await runCell(kernel.client, "const u = 20;", {
      userExpressions: { good: "u + 1", bad: "missing.name", broken: "1 +" },
    });
    assert.equal(reply.status, "ok");
    const expressions = reply.status === "ok" ? (reply.user_expressions ?? {}) : {};
    assert.deepEqual(expressions["good"], { status: "ok", data: { "text/plain": "21" }, metadata: {} });
    assert.equal((expressions["bad"] as { status: string; ename: string }).ename, "ReferenceError");
    assert.equal((expressions["broken"] as { status: string; ename: string }).ename, "SyntaxError");
  });

  it("runs silently: no output, no count, no history", async () => {
    const before = await runCell(kernel.client, "0");
    const silent = await runCell(
      kernel.client,
      "console.log('quiet'); Object.assign(globalThis, { silentRan: true }); 5",
      { silent: true },
    );
    assert.deepEqual(silent.outputs, []);
    const after = await runCell(kernel.client, "'silentRan' in globalThis");
    assert.equal(after.result, "true");
    assert.equal(after.reply.execution_count, (before.reply.execution_count ?? 0) + 1);
  });

  it("asks for input, and says so where nobody can be asked", async () => {
    const asked = await runCell(kernel.client, `prompt("name?")`, { onInput: (text) => `${text} Ada` });
    assert.equal(asked.result, "'name?  Ada'");
    const refused = await runCell(kernel.client, `prompt("name?")`);
    assert.equal(refused.reply.status, "error");
  });

  it("attributes late output to the cell that started it", async () => {
    const execution = kernel.client.execute(`setTimeout(() => console.log("late"), 150); "started"`);
    await execution.reply;
    const late = new Promise<Message>((resolve) => {
      const stop = kernel.client.onIopub((message) => {
        if (message.header.msg_type !== "stream") return;
        stop();
        resolve(message);
      });
    });
    await runCell(kernel.client, "await new Promise((resolve) => setTimeout(resolve, 400))");
    const message = await late;
    assert.equal(message.content["text"], "late\n");
    assert.equal("msg_id" in message.parentHeader ? message.parentHeader.msg_id : "", execution.id);
  });

  it("loses none of 100,000 printed lines", async () => {
    const run = await runCell(kernel.client, "for (let i = 0; i < 100_000; i++) console.log(i)");
    const lines = run.stdout.trimEnd().split("\n");
    assert.equal(lines.length, 100_000);
    assert.ok(lines.every((line, index) => line.replaceAll(/\u001B\[\d+m/g, "") === String(index)));
  });

  it("shows output of child processes and of native code before the cell ends", async () => {
    const code = `import { spawnSync } from "node:child_process";
spawnSync("sh", ["-c", "echo from a child; echo to stderr >&2"], { stdio: "inherit" });`;
    const run = await runCell(kernel.client, code);
    assert.match(run.stdout, /from a child/);
    assert.match(run.stderr, /to stderr/);
  });

  it("opens the pager for name?", async () => {
    await runCell(
      kernel.client,
      "/** Adds two numbers. */\nfunction add(a: number, b: number): number { return a + b }",
    );
    const { reply } = await runCell(kernel.client, "add?");
    const [page] =
      reply.status === "ok" ? (reply["payload"] as { source: string; data: Record<string, string> }[]) : [];
    assert.equal(page?.source, "page");
    assert.match(page?.data["text/plain"] ?? "", /add\(a: number, b: number\): number[^]*Adds two numbers/);
  });
});
