import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Debuggee } from "./debuggee.ts";

describe("exceptions", () => {
  let debuggee: Debuggee;
  before(async () => {
    debuggee = await Debuggee.start();
  });
  after(async () => await debuggee.stop());

  /** Runs a cell and tells where it stopped for exceptions. */
  async function stops(filters: string[], source: string): Promise<string[]> {
    await debuggee.request("setExceptionBreakpoints", { filters });
    const run = debuggee.run(source);
    const seen: string[] = [];
    for (
      let stop = await debuggee.stoppedOrEnded(run);
      stop !== undefined;
      stop = await debuggee.stoppedOrEnded(run)
    ) {
      assert.equal(stop.reason, "exception");
      seen.push(`${stop.text} at ${await debuggee.where()}`);
      await debuggee.resume();
    }
    await run;
    return seen;
  }

  const uncaught: Record<string, [source: string, where: string]> = {
    "thrown at once": ['const x = 1;\nthrow new Error("boom");', "Error: boom at (cell):2"],
    "thrown after an await": ['await null;\nthrow new Error("boom");', "Error: boom at (cell):2"],
    "thrown in a function that is awaited": [
      'async function fail() {\n  await null;\n  throw new Error("boom");\n}\nawait fail();',
      "Error: boom at fail:3",
    ],
    "thrown in a function that is called": [
      'function fail(): never {\n  throw new TypeError("boom");\n}\nfail();',
      "TypeError: boom at fail:2",
    ],
    "thrown in a try without catch": [
      'try {\n  throw new Error("boom");\n} finally {\n}',
      "Error: boom at (cell):2",
    ],
    "thrown again": [
      'try {\n  throw new Error("inner");\n} catch {\n  throw new Error("outer");\n}',
      "Error: outer at (cell):4",
    ],
    "thrown by Node": [
      'import fs from "node:fs";\nfs.readFileSync("/nowhere");',
      "Error: ENOENT: no such file or directory, open '/nowhere' at (cell):2",
    ],
    "anything else thrown": ["throw { code: 7 };", "Object at (cell):1"],
  };
  for (const [name, [source, where]] of Object.entries(uncaught)) {
    it(`stops for what nothing catches: ${name}`, async () => {
      assert.deepEqual(await stops(["uncaught"], source), [where]);
    });
  }

  const caught: Record<string, string> = {
    "in the same function": 'try { throw new Error("x") } catch { 1 }',
    "by a caller": 'function fail() { throw new Error("x") }\ntry { fail() } catch { 1 }',
    "after an await":
      'async function fail() { await null; throw new Error("x") }\ntry { await fail() } catch { 1 }',
    "by a handler":
      'async function fail() { await null; throw new Error("x") }\nawait fail().catch(() => 1);',
    "by the second of then":
      'async function fail() { await null; throw new Error("x") }\nawait fail().then(() => 1, () => 2);',
    "by allSettled":
      'async function fail() { await null; throw new Error("x") }\nawait Promise.allSettled([fail()]);',
  };
  for (const [name, source] of Object.entries(caught)) {
    it(`stops for what is caught only if asked to: ${name}`, async () => {
      assert.deepEqual(await stops(["uncaught"], source), []);
      assert.equal((await stops(["all"], source)).length > 0, true);
      assert.deepEqual(await stops([], source), []);
    });
  }

  it("stops for none unless asked to", async () => {
    assert.deepEqual(await stops([], 'throw new Error("boom")'), []);
  });

  it("tells about the exception, its cause, and where it comes from in the source", async () => {
    await debuggee.request("setExceptionBreakpoints", { filters: ["uncaught"] });
    const source =
      'interface Nothing {}\nfunction fail() {\n  throw new RangeError("too far", { cause: new Error("the cause") });\n}\nfail();';
    const run = debuggee.run(source);
    await debuggee.stopped();
    const info = await debuggee.request<DebugProtocol.ExceptionInfoResponse>("exceptionInfo", {
      threadId: 1,
    });
    assert.equal(info.exceptionId, "RangeError");
    assert.equal(info.breakMode, "unhandled");
    assert.equal(info.details?.message, "too far");
    assert.equal(info.details?.innerException?.[0]?.message, "Error: the cause");
    await debuggee.resume();
    assert.equal((await run).error?.ename, "RangeError");
  });

  it("does not slow down code that throws and catches much", async () => {
    await debuggee.request("setExceptionBreakpoints", { filters: ["uncaught"] });
    const before = debuggee.posted.length;
    const run = debuggee.run(
      "let caught = 0;\nfor (let i = 0; i < 5000; i++) {\n  try { throw new Error() } catch { caught += 1 }\n}\ncaught",
    );
    assert.equal(await debuggee.stoppedOrEnded(run), undefined);
    assert.equal((await run).text, "5000");
    assert.ok(debuggee.posted.length - before < 300);
    assert.deepEqual(await stops(["uncaught"], 'await null;\nthrow new Error("boom");'), [
      "Error: boom at (cell):2",
    ]);
  });

  it("has nothing to tell where the program stopped for another reason", async () => {
    await debuggee.request("setExceptionBreakpoints", { filters: [] });
    const run = debuggee.run("debugger;");
    await debuggee.stopped();
    assert.equal((await debuggee.respond("exceptionInfo", { threadId: 1 })).success, false);
    await debuggee.resume();
    await run;
  });

  it("lets an interrupt and Node's own exceptions pass", async () => {
    await debuggee.request("setExceptionBreakpoints", { filters: ["uncaught"] });
    const run = debuggee.run("debugger;\nwhile (true);");
    await debuggee.stopped();
    debuggee.kernel.child.interrupt();
    assert.equal(await debuggee.stoppedOrEnded(run), undefined);
    assert.ok((await run).error !== undefined);
    debuggee.kernel.write("quiet.ts", "export const quiet = 1;\n");
    assert.deepEqual(await stops(["all"], 'import { quiet } from "./quiet.ts";\nquiet'), []);
  });
});
