import assert from "node:assert/strict";
import { runCell, startKernel } from "../kernel-fixture.ts";
import type { TestKernel } from "../kernel-fixture.ts";

interface DebugEvent {
  readonly event: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

describe("debugging over the Jupyter protocol", () => {
  let kernel: TestKernel;
  const events: DebugEvent[] = [];
  let seq = 1;
  let wake = (): void => undefined;
  before(async () => {
    kernel = await startKernel();
    kernel.client.onIopub((message) => {
      if (message.header.msg_type !== "debug_event") return;
      // SAFETY: the kernel's own event, whose shape the assertions check.
      events.push(message.content as unknown as DebugEvent);
      wake();
    });
  });
  after(async () => await kernel.stop());

  async function event(name: string): Promise<DebugEvent> {
    for (;;) {
      const index = events.findIndex((each) => each.event === name);
      const [found] = index === -1 ? [] : events.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function debug(command: string, args: object = {}): Promise<Record<string, unknown>> {
    const reply = await kernel.client.debug({ type: "request", seq: seq++, command, arguments: args });
    assert.equal(reply["success"], true, JSON.stringify(reply));
    // SAFETY: a response's body is an object; the assertions check what is in it.
    return (reply["body"] ?? {}) as Record<string, unknown>;
  }

  it("stops a cell, shows it, and lets it go on, as JupyterLab does", async () => {
    const info = await debug("debugInfo");
    assert.equal(info["isStarted"], false);
    await debug("initialize", {
      clientID: "jupyterlab",
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
    });
    await debug("attach");
    const code = "%check off\nconst a = 20;\nconst b = a * 2;\nb + 2";
    const { sourcePath } = await debug("dumpCell", { code });
    const set = await debug("setBreakpoints", {
      source: { path: sourcePath },
      breakpoints: [{ line: 3 }],
      sourceModified: false,
    });
    assert.equal((set["breakpoints"] as { line: number }[])[0]?.line, 3);
    await debug("configurationDone");
    const run = runCell(kernel.client, code);
    const stopped = await event("stopped");
    assert.equal(stopped.body?.["reason"], "breakpoint");
    const { stackFrames } = await debug("stackTrace", { threadId: 1 });
    const [frame] = stackFrames as { id: number; line: number; source: { path: string } }[];
    assert.deepEqual([frame?.line, frame?.source.path], [3, sourcePath]);
    const { scopes } = await debug("scopes", { frameId: frame?.id });
    const [scope] = scopes as { name: string; variablesReference: number }[];
    const { variables } = await debug("variables", { variablesReference: scope?.variablesReference });
    assert.ok(
      (variables as { name: string; value: string }[]).some(
        ({ name, value }) => name === "a" && value === "20",
      ),
    );
    await debug("continue", { threadId: 1 });
    assert.equal((await run).result, "42");
    await event("continued");
    await debug("setBreakpoints", { source: { path: sourcePath }, breakpoints: [] });
  });

  it("stops a stopped cell by an interrupt, and answers afterwards", async () => {
    const run = runCell(kernel.client, "const kept = 7;\ndebugger;\nwhile (true) {}");
    await event("stopped");
    await kernel.client.interrupt();
    assert.ok((await run).error !== undefined);
    assert.equal((await runCell(kernel.client, "kept")).result, "7");
  });

  it("attaches to the next child when user code has ended its own", async () => {
    const code = "const again = 1;\nagain + 1";
    const { sourcePath } = await debug("dumpCell", { code });
    await debug("setBreakpoints", { source: { path: sourcePath }, breakpoints: [{ line: 2 }] });
    await runCell(kernel.client, "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});");
    events.length = 0;
    const run = runCell(kernel.client, code);
    await event("stopped");
    await debug("continue", { threadId: 1 });
    assert.equal((await run).result, "2");
    await debug("disconnect");
    assert.equal((await runCell(kernel.client, code)).result, "2");
  });

  it("answers malformed requests", async () => {
    const reply = await kernel.client.debug({
      type: "request",
      seq: 1,
      command: "setBreakpoints",
      arguments: { source: 7 },
    });
    assert.equal(reply["success"], false);
  });
});
