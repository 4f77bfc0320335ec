import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { murmurHash2 } from "../../../kernel/debug/murmur-hash.ts";
import { Debuggee } from "./debuggee.ts";

describe("the debugger's session", () => {
  let debuggee: Debuggee;
  beforeEach(async () => {
    debuggee = await Debuggee.start({ attach: false });
  });
  afterEach(async () => await debuggee.stop());

  it("costs nothing before it is attached", async () => {
    await debuggee.request("debugInfo");
    await debuggee.request("dumpCell", { code: "1" });
    assert.equal((await debuggee.run("debugger; 1 + 1")).text, "2");
    assert.deepEqual(debuggee.posted, []);
    assert.deepEqual(debuggee.events, []);
  });

  it("tells JupyterLab what it needs to know", async () => {
    const info = (await debuggee.request("debugInfo")) as unknown as Record<string, unknown>;
    const { tmpFilePrefix, tmpFileSuffix, hashSeed, ...rest } = info;
    assert.deepEqual(rest, {
      isStarted: false,
      hashMethod: "Murmur2",
      breakpoints: [],
      stoppedThreads: [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    });
    const code = "let x = 1;\nx";
    const { sourcePath } = await debuggee.request("dumpCell", { code });
    assert.equal(
      sourcePath,
      `${String(tmpFilePrefix)}${murmurHash2(code, Number(hashSeed))}${String(tmpFileSuffix)}`,
    );
    const { content } = await debuggee.request("source", { source: { path: sourcePath } });
    assert.equal(content, code);
  });

  it("starts, and says so in debugInfo and by events", async () => {
    const capabilities = await debuggee.request<DebugProtocol.InitializeResponse>("initialize", {
      adapterID: "tenon",
    });
    assert.equal(capabilities?.supportsConditionalBreakpoints, true);
    assert.deepEqual(
      capabilities?.exceptionBreakpointFilters?.map(({ filter }) => filter),
      ["all", "uncaught"],
    );
    await debuggee.request("attach");
    await debuggee.request("configurationDone");
    assert.deepEqual(
      debuggee.events.map(({ event }) => event),
      ["initialized"],
    );
    const info = (await debuggee.request("debugInfo")) as unknown as { isStarted: boolean };
    assert.equal(info.isStarted, true);
    const { threads } = await debuggee.request<DebugProtocol.ThreadsResponse>("threads");
    assert.deepEqual(threads, [{ id: 1, name: "Notebook" }]);
  });

  it("counts lines and columns as the client does", async () => {
    await debuggee.request("initialize", { linesStartAt1: false, columnsStartAt1: false });
    await debuggee.request("attach");
    const source = "let a = 1;\na += 1;";
    const [breakpoint] = await debuggee.breakAt(source, 1);
    assert.deepEqual([breakpoint?.line, breakpoint?.column], [1, 0]);
    const run = debuggee.run(source);
    await debuggee.stopped();
    const frame = await debuggee.topFrame();
    assert.deepEqual([frame.line, frame.column], [1, 0]);
    await debuggee.resume();
    await run;
  });

  it("answers what it can't do", async () => {
    for (const [command, args] of [
      ["noSuchRequest", {}],
      ["toString", {}],
      ["setBreakpoints", { source: { path: "x" }, breakpoints: [{ line: 1 }] }],
      ["setBreakpoints", { source: 5 }],
      ["setBreakpoints", { source: { path: "x" }, breakpoints: [{ line: -1 }] }],
      ["evaluate", { expression: 5 }],
      ["evaluate", "text"],
      ["variables", { variablesReference: 99 }],
      ["stackTrace", { threadId: 1 }],
      ["scopes", { frameId: 1 }],
      ["continue", { threadId: 1 }],
      ["next", {}],
      ["pause", {}],
      ["dumpCell", {}],
      ["source", { source: { path: "/etc/passwd" }, sourceReference: 0 }],
      ["copyToGlobals", { srcVariableName: "a", dstVariableName: "b", srcFrameId: 1 }],
    ] as const) {
      const response = await debuggee.respond(command, args);
      assert.equal(response.success, false, command);
      assert.ok((response.message ?? "").length > 0, command);
      assert.equal(response.command, command);
    }
    for (const request of [
      undefined,
      null,
      5,
      "text",
      [],
      {},
      { command: 7 },
      { seq: "x", command: "threads" },
    ]) {
      const response = await debuggee.adapter.handle(request);
      assert.deepEqual([response.type, response.success], ["response", false]);
    }
  });

  it("lets a stopped cell go on when it disconnects, and leaves nothing behind", async () => {
    await debuggee.attach();
    const source = "let x = 1;\nx += 1;\nx";
    await debuggee.breakAt(source, 2, { line: 3, logMessage: "{x}", hitCondition: "1" });
    const run = debuggee.run(source);
    await debuggee.stopped();
    await debuggee.request("disconnect", { restart: false, terminateDebuggee: false });
    assert.equal((await run).text, "2");
    assert.equal((await debuggee.run(source)).text, "2");
    assert.deepEqual(
      debuggee.events.slice(-2).map(({ event }) => event),
      ["continued", "terminated"],
    );
    const info = (await debuggee.request("debugInfo")) as unknown as {
      isStarted: boolean;
      breakpoints: unknown[];
    };
    assert.deepEqual([info.isStarted, info.breakpoints], [false, []]);
    const left = await debuggee.run(
      '[Object.getOwnPropertyNames(globalThis).filter((name) => name.includes("enonDebug")), Object.getOwnPropertySymbols(globalThis).filter((symbol) => String(symbol).includes("debug"))]',
    );
    assert.match(left.text ?? "", /^\[ *\[\], *\[\] *\]$/);
  });

  it("attaches again", async () => {
    const source = "let x = 1;\nx += 1;\nx";
    for (let count = 0; count < 3; count++) {
      await debuggee.attach();
      await debuggee.breakAt(source, 2);
      const run = debuggee.run(source);
      await debuggee.stopped();
      assert.equal(await debuggee.where(), "(cell):2");
      await debuggee.resume();
      await run;
      await debuggee.request("disconnect");
    }
  });

  it("takes a second attach, of a page that was loaded again, also while it is stopped", async () => {
    await debuggee.attach();
    const source = "let x = 1;\nx += 1;\nx";
    await debuggee.breakAt(source, 2);
    await debuggee.attach();
    const run = debuggee.run(source);
    await debuggee.stopped();
    await debuggee.attach();
    const info = (await debuggee.request("debugInfo")) as unknown as { stoppedThreads: number[] };
    assert.deepEqual(info.stoppedThreads, [1]);
    assert.equal(await debuggee.where(), "(cell):2");
    await debuggee.resume();
    assert.equal((await run).text, "2");
  });

  it("leaves an interrupt to stop a stopped cell, and keeps state", async () => {
    await debuggee.attach();
    const source = "let kept = 1;\nkept = 2;\ndebugger;\nkept = 3;\nwhile (true);";
    const run = debuggee.run(source);
    await debuggee.stopped();
    debuggee.kernel.child.interrupt();
    const { error } = await run;
    assert.ok(error !== undefined);
    assert.equal((await debuggee.run("kept")).text, "2");
    await debuggee.event("continued");
    assert.equal(debuggee.events.filter(({ event }) => event === "continued").length, 1);
    assert.equal((await debuggee.respond("stackTrace", { threadId: 1 })).success, false);
  });

  it("lists the files that can be looked at", async () => {
    debuggee.kernel.write("helper.ts", "export const help = (): number => 1;\n");
    await debuggee.run('import { help } from "./helper.ts";\nhelp()');
    await debuggee.attach();
    const { modules } = await debuggee.request<DebugProtocol.ModulesResponse>("modules");
    assert.deepEqual(
      modules.map(({ name, path }) => [name, path]),
      [["helper.ts", `${debuggee.kernel.folder}/helper.ts`]],
    );
  });
});

describe("murmurHash2", () => {
  it("equals ipykernel's and JupyterLab's", () => {
    // From ipykernel's murmur2_x86 with the seed 0xC70F6907.
    for (const [text, hash] of [
      ["", 3990065800],
      ["a", 2167009006],
      ["ab", 2805137849],
      ["abc", 3350977461],
      ["abcd", 804720481],
      ["let x = 1;\nx", 1598947636],
      ["Grüße 🎉", 2797231577],
      ["x".repeat(1001), 2469510316],
    ] as const)
      assert.equal(murmurHash2(text, 0xc7_0f_69_07), hash);
  });
});
