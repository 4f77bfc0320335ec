/** @file The globals and the variable view in a real child process. */
import assert from "node:assert/strict";
import type { ChildMessage, CommMessage } from "../../../kernel/child/protocol.ts";
import { variablesTarget } from "../../../kernel/protocol.ts";
import { TestKernel } from "../child/harness.ts";

describe("globals in the child", function () {
  this.timeout(20_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(async () => kernel.stop());

  const outputs = (messages: readonly ChildMessage[]): string[] =>
    messages.flatMap((message) =>
      message.type === "display" || message.type === "update_display"
        ? [`${message.type} ${String(message.data["text/plain"])}`]
        : [],
    );

  it("shows and updates, in order with printed text, before the cell ends", async () => {
    const run = await kernel.run(
      'console.log("a"); const shown = display(1); console.log("b"); shown.update(2);',
    );
    const kinds = run.messages.map((message) =>
      message.type === "stream" ? message.text.trim() : message.type,
    );
    assert.deepEqual(kinds, ["a", "display", "b", "update_display", "done"]);
  });

  it("shows a last display once", async () => {
    const run = await kernel.run('display("x")');
    assert.equal(run.result, undefined);
    assert.deepEqual(outputs(run.messages), ["display 'x'"]);
  });

  it("waits for asynchronous displays", async () => {
    const run = await kernel.run(
      'display({ async [Symbol.for("Jupyter.display")]() { await new Promise((resolve) => setTimeout(resolve, 20)); return { "text/plain": "late" }; } })',
    );
    assert.deepEqual(outputs(run.messages), ["display late"]);
  });

  it("sends late outputs to the cell that started them", async () => {
    const run = await kernel.run('setTimeout(() => display("later"), 10);');
    const late = await kernel.message(
      (message) => message.type === "display" && message.data["text/plain"] === "'later'",
    );
    assert.ok(late.type === "display");
    assert.equal(late.request, run.done.request);
  });

  it("survives results that fight back", async () => {
    const run = await kernel.run(
      "new Proxy({}, Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, () => { throw new Error(name); }])))",
    );
    assert.equal(run.error, undefined);
    assert.equal(run.text, "{}");
  });

  it("draws progress and ends it on an interrupt", async () => {
    const request = kernel.start(
      'for (const _ of progress([1, 2, 3], "work")) await new Promise((resolve) => setTimeout(resolve, 60_000));',
    );
    await kernel.message((message) => message.type === "display" && message.request === request);
    kernel.child.interrupt(request);
    const run = await kernel.finished(request);
    assert.match(run.error?.ename ?? "", /Interrupt/);
    assert.equal((await kernel.run("progress([]) !== undefined")).text, "true");
  });

  it("offers itself to the library", async () => {
    const run = await kernel.run('Object.keys(globalThis[Symbol.for("tenon.notebook")]).join()', {
      cellId: "c7",
    });
    assert.equal(run.text, "'version,cellId,signal,display,update,clear,reportBackend,show,progress'");
    assert.equal((await kernel.run("cell.id", { cellId: "c7" })).text, "'c7'");
  });

  it("keeps a widget's state in step with its view", async () => {
    await kernel.run(
      'const model = widget({ esm: "", state: { count: 1, data: new Uint8Array([1, 2]) } }); model.on("change:count", (count) => console.log("count", count)); model;',
    );
    const open = await kernel.message((message) => message.type === "comm_open");
    assert.ok(open.type === "comm_open" && open.targetName === "jupyter.widget");
    assert.deepEqual(
      open.buffers.map((buffer) => [...buffer]),
      [[1, 2]],
    );
    send({
      type: "comm_msg",
      request: "from-view",
      commId: open.commId,
      data: { method: "update", state: { count: 5 }, buffer_paths: [["data"]] },
      buffers: [new Uint8Array([9])],
    });
    await kernel.message((message) => message.type === "done" && message.request === "from-view");
    assert.equal(kernel.output("from-view", "stdout"), "count 5\n");
    assert.equal(
      (await kernel.run("[model.get('count'), model.get('data').getUint8(0)].join()")).text,
      "'5,9'",
    );
  });

  it("lists and pages the notebook's variables, and tells of changes", async () => {
    await kernel.run("const table = [{ a: 2 }, { a: 1 }]; function named() {} class Shape {}");
    send({ type: "comm_open", request: "v0", commId: "v", targetName: variablesTarget, data: {} });
    const ask = async (data: Record<string, unknown>): Promise<Record<string, unknown>> => {
      const request = `ask-${String(data["id"])}`;
      send({ type: "comm_msg", request, commId: "v", data });
      const reply = await kernel.message(
        (message) =>
          message.type === "comm_msg" && message.commId === "v" && message.data["id"] === data["id"],
      );
      assert.ok(reply.type === "comm_msg");
      return reply.data;
    };
    assert.equal((await ask({ type: "hello", id: 1, version: 1 }))["type"], "hello");
    const listed = JSON.stringify((await ask({ type: "list", id: 2 }))["result"]);
    for (const name of ["table", "named", "Shape", "model"])
      assert.ok(listed.includes(`"name":"${name}"`), name);
    for (const name of ["display", "progress", "process", "__tenon__"])
      assert.ok(!listed.includes(`"name":"${name}"`), name);
    const page = await ask({
      type: "page",
      id: 3,
      path: ["table"],
      sort: [{ column: "a", descending: false }],
    });
    assert.deepEqual(Object(page["result"]).rows, [[1], [2]]);
    await ask({ type: "watch", id: 4, enabled: true });
    const run = await kernel.run("table.push({ a: 3 }); const fresh = 1;");
    const change = run.messages.find((message) => message.type === "comm_msg");
    assert.ok(change?.type === "comm_msg");
    assert.equal(change.data["type"], "changed");
    assert.match(JSON.stringify(change.data["added"]), /"name":"fresh"/);
    assert.match(JSON.stringify(change.data["changed"]), /"name":"table".*"shape":"3 × 1"/);
  });

  function send(
    message: Partial<CommMessage> & Pick<CommMessage, "type" | "request" | "commId" | "data">,
  ): void {
    kernel.child.send({ metadata: {}, buffers: [], ...message });
  }
});
