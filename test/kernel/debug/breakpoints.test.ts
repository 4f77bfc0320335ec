import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { settle } from "../../support/settle.ts";
import { Debuggee } from "./debuggee.ts";

const loop = `interface Point {
  x: number;
}
const origin: Point = { x: 1 };

function double(n: number): number {
  // a comment

  return n * 2 + origin.x;
}
let sum = 0;
for (let i = 0; i < 10; i++) {
  sum += double(i);
}
sum`;

describe("breakpoints in cells", () => {
  let debuggee: Debuggee;
  beforeEach(async () => {
    debuggee = await Debuggee.start();
  });
  afterEach(async () => await debuggee.stop());

  it("stops where it was set before the first run, and says where that is", async () => {
    const [breakpoint] = await debuggee.breakAt(loop, 9);
    assert.equal(breakpoint?.verified, true);
    assert.equal(breakpoint?.line, 9);
    const run = debuggee.run(loop);
    const stopped = await debuggee.stopped();
    assert.equal(stopped.reason, "breakpoint");
    assert.deepEqual(stopped.hitBreakpointIds, [breakpoint?.id]);
    const frames = await debuggee.frames();
    assert.deepEqual(
      frames.map(({ name, line, source }) => [name, line, source?.path]),
      [
        ["double", 9, debuggee.adapter.scriptNameFor(loop)],
        ["(cell)", 13, debuggee.adapter.scriptNameFor(loop)],
      ],
    );
    await debuggee.breakAt(loop);
    await debuggee.resume();
    assert.equal((await run).text, "100");
  });

  it("moves to the next line that has code, and reports what has none below", async () => {
    const breakpoints = await debuggee.breakAt(loop, 1, 7, 15, 40);
    assert.deepEqual(
      breakpoints.map(({ line, verified }) => [line, verified]),
      [
        [4, true],
        [9, true],
        [15, true],
        [40, false],
      ],
    );
    assert.match(breakpoints[3]?.message ?? "", /no code/);
  });

  it("takes two that move to one place as one stop", async () => {
    const breakpoints = await debuggee.breakAt(loop, 2, 4);
    assert.deepEqual(
      breakpoints.map(({ line, verified }) => [line, verified]),
      [
        [4, true],
        [4, true],
      ],
    );
    const run = debuggee.run(loop);
    await debuggee.stopped();
    await debuggee.resume();
    assert.equal((await run).text, "100");
  });

  it("stops only where the condition holds, and not where it throws", async () => {
    await debuggee.breakAt(loop, { line: 13, condition: "unknown.name || i === 7" });
    const run = debuggee.run(loop);
    assert.equal(await debuggee.stoppedOrEnded(run), undefined);
    await debuggee.breakAt(loop, { line: 13, condition: "(i as number) === 7" });
    const again = debuggee.run(loop);
    await debuggee.stopped();
    assert.equal((await debuggee.evaluate("i")).result, "7");
    await debuggee.resume();
    await again;
  });

  it("counts hits", async () => {
    for (const [hitCondition, expected] of [
      ["4", ["3"]],
      [">= 9", ["8", "9"]],
      ["% 5", ["4", "9"]],
    ] as const) {
      await debuggee.breakAt(loop, { line: 13, hitCondition });
      const run = debuggee.run(loop);
      const seen: string[] = [];
      while ((await debuggee.stoppedOrEnded(run)) !== undefined) {
        seen.push((await debuggee.evaluate("i")).result);
        await debuggee.resume();
      }
      assert.deepEqual(seen, expected, hitCondition);
    }
    const [wrong] = await debuggee.breakAt(loop, { line: 13, hitCondition: "often" });
    assert.equal(wrong?.verified, false);
    assert.match(wrong?.message ?? "", /not a hit count/);
  });

  it("logs without stopping", async () => {
    await debuggee.breakAt(loop, {
      line: 13,
      logMessage: "i={i}, point={origin}, {missing}, {{literal",
      condition: "i > 7",
    });
    const run = await debuggee.run(loop);
    assert.equal(run.text, "100");
    const outputs = () =>
      debuggee.events
        .filter(({ event }) => event === "output")
        .map(({ body }) => body as DebugProtocol.OutputEvent["body"]);
    // They come over a channel of their own.
    await settle(() => outputs().length >= 2, 5000);
    const logged = outputs();
    assert.deepEqual(
      logged.map(({ output }) => output),
      [8, 9].map((i) => `i=${i}, point={"x":1}, <ReferenceError: missing is not defined>, {{literal\n`),
    );
    assert.equal(logged[0]?.line, 13);
    assert.equal(logged[0]?.source?.path, debuggee.adapter.scriptNameFor(loop));
    assert.equal(run.stdout, "");
  });

  it("holds for each run of the same text, and not for an edited one", async () => {
    await debuggee.breakAt(loop, 15);
    for (let count = 0; count < 2; count++) {
      const run = debuggee.run(loop);
      assert.ok((await debuggee.stoppedOrEnded(run)) !== undefined);
      await debuggee.resume();
      await run;
    }
    assert.equal(await debuggee.stoppedOrEnded(debuggee.run(`${loop}\n`)), undefined);
  });

  it("is set in a function of a cell that has run before", async () => {
    const definition = "function twice(n: number) {\n  const result = n * 2;\n  return result;\n}";
    await debuggee.run(definition);
    await debuggee.breakAt(definition, 3);
    const run = debuggee.run("twice(21)");
    await debuggee.stopped();
    assert.equal(await debuggee.where(), "twice:3");
    assert.deepEqual(await debuggee.values("Local"), { n: "21", result: "42", "(return value)": "42" });
    await debuggee.resume();
    assert.equal((await run).text, "42");
  });

  it("is set while the cell runs", async () => {
    const source =
      "let count = 0;\nwhile (count >= 0) {\n  count += 1;\n  await new Promise((done) => setTimeout(done, 1));\n}\ncount";
    const run = debuggee.run(source);
    await debuggee.breakAt(source, 3);
    await debuggee.stopped();
    await debuggee.evaluate("count = -10");
    await debuggee.breakAt(source);
    await debuggee.resume();
    assert.equal((await run).text, "-9");
  });

  it("takes a column", async () => {
    const source = "const values = [1, 2, 3].map((value) => value * 2);\nvalues.length";
    const [breakpoint] = await debuggee.breakAt(source, { line: 1, column: 41 });
    assert.equal(breakpoint?.column, 41);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal((await debuggee.evaluate("value")).result, "1");
    await debuggee.breakAt(source);
    await debuggee.resume();
    await run;
    const { breakpoints } = await debuggee.request<DebugProtocol.BreakpointLocationsResponse>(
      "breakpointLocations",
      {
        source: { path: debuggee.adapter.scriptNameFor(source) },
        line: 1,
      },
    );
    assert.ok(breakpoints.some(({ column }) => column === 41));
  });

  it("stops at statements that V8 places differently in functions and at top level", async () => {
    const source = "const a = 20;\nconst b = a * 2;\nconst c = a + b;\nlet d = c;\nd += 1;\nd";
    for (let line = 1; line <= 6; line++) {
      const [breakpoint] = await debuggee.breakAt(source, line);
      assert.equal(breakpoint?.line, line);
      const run = debuggee.run(source);
      await debuggee.stopped();
      assert.equal(await debuggee.where(), `(cell):${line}`);
      await debuggee.resume();
      assert.equal((await run).text, "61");
    }
  });

  it("is kept in debugInfo where it really is", async () => {
    await debuggee.breakAt(loop, 1, { line: 13, condition: "i > 3" });
    const info = (await debuggee.request("debugInfo")) as unknown as { breakpoints: unknown };
    assert.deepEqual(info.breakpoints, [
      {
        source: debuggee.adapter.scriptNameFor(loop),
        breakpoints: [{ line: 4 }, { line: 13, condition: "i > 3" }],
      },
    ]);
  });

  it("does not fail for cells that don't compile or aren't known", async () => {
    const [broken] = await debuggee.breakAt("let = = 3", 1);
    assert.equal(broken?.verified, false);
    const [unknown] = await debuggee.breakInFile(debuggee.adapter.scriptNameFor("never dumped"), 1);
    assert.equal(unknown?.verified, false);
  });

  it("stops in a local TypeScript module, also when it was set before the import", async () => {
    debuggee.kernel.write(
      "area.ts",
      "export interface Box { w: number; h: number }\n\nexport function area(box: Box): number {\n  const size = box.w * box.h;\n  return size;\n}\n",
    );
    const path = `${debuggee.kernel.folder}/area.ts`;
    const [waiting] = await debuggee.breakInFile(path, 4);
    assert.equal(waiting?.verified, false);
    const source = 'import { area } from "./area.ts";\nconst size = area({ w: 2, h: 3 });\nsize';
    const run = debuggee.run(source);
    await debuggee.stopped();
    const frame = await debuggee.topFrame();
    assert.deepEqual([frame.name, frame.line, frame.source?.path], ["area", 4, path]);
    const changed = (await debuggee.event<DebugProtocol.BreakpointEvent>("breakpoint")).breakpoint;
    assert.deepEqual([changed.id, changed.verified, changed.line], [waiting?.id, true, 4]);
    const { content } = await debuggee.request<DebugProtocol.SourceResponse>("source", {
      source: { path },
      sourceReference: 0,
    });
    assert.match(content, /^export interface Box/);
    assert.equal(await debuggee.step("next", run), "area:5");
    await debuggee.resume();
    assert.equal((await run).text, "6");
    assert.equal(await debuggee.stoppedOrEnded(debuggee.run("1 + 1")), undefined);
    const again = debuggee.run("area({ w: 1, h: 1 })");
    assert.ok((await debuggee.stoppedOrEnded(again)) !== undefined);
    await debuggee.resume();
    await again;
  });
});
