import assert from "node:assert/strict";
import { Debuggee } from "./debuggee.ts";

describe("stepping", () => {
  let debuggee: Debuggee;
  beforeEach(async () => {
    debuggee = await Debuggee.start();
  });
  afterEach(async () => await debuggee.stop());

  it("goes into, over and out of functions", async () => {
    const source = `function inner(n: number) {
  const twice = n * 2;
  return twice;
}
function outer(n: number) {
  const result = inner(n);
  return result + 1;
}
const a = outer(1);
const b = outer(2);
[a, b]`;
    await debuggee.breakAt(source, 9);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal(await debuggee.where(), "(cell):9");
    assert.equal(await debuggee.step("stepIn", run), "outer:6");
    assert.equal(await debuggee.step("stepIn", run), "inner:2");
    assert.equal(await debuggee.step("next", run), "inner:3");
    assert.equal(await debuggee.step("stepOut", run), "outer:7");
    assert.equal(await debuggee.step("stepOut", run), "(cell):10");
    assert.equal(await debuggee.step("next", run), "(cell):11");
    assert.equal(await debuggee.step("next", run), "end");
    assert.match((await run).text ?? "", /3, 5/);
  });

  it("past the end of a cell lets the next one run freely", async () => {
    for (const command of ["next", "stepOut", "stepIn"] as const) {
      const source = `let step = "${command}";\nstep.length;`;
      await debuggee.breakAt(source, 2);
      const run = debuggee.run(source);
      await debuggee.stopped();
      for (let taken = 0; (await debuggee.step(command, run)) !== "end"; taken++) assert.ok(taken < 5);
      await run;
      const next = debuggee.run("let other = 1;\nother + 1");
      assert.equal(await debuggee.stoppedOrEnded(next), undefined, command);
      assert.equal((await next).text, "2");
    }
  });

  it("follows awaits", async () => {
    const source = `async function slow(n: number) {
  await new Promise((done) => setTimeout(done, 5));
  const result = n + 1;
  return result;
}
const first = await slow(1);
const second = await slow(first);
second`;
    await debuggee.breakAt(source, 6);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal(await debuggee.step("next", run), "(cell):7");
    assert.equal(await debuggee.step("stepIn", run), "slow:2");
    assert.equal(await debuggee.step("next", run), "slow:3");
    assert.equal(await debuggee.step("next", run), "slow:4");
    assert.equal(await debuggee.step("stepOut", run), "(cell):8");
    assert.equal(await debuggee.step("next", run), "end");
    assert.equal((await run).text, "3");
  });

  it("shows who awaits", async () => {
    const source = `async function deep() {
  await new Promise((done) => setTimeout(done, 5));
  return 1;
}
async function middle() {
  return await deep();
}
await middle();`;
    await debuggee.breakAt(source, 3);
    const run = debuggee.run(source);
    await debuggee.stopped();
    const frames = await debuggee.frames();
    assert.deepEqual(
      frames.map(({ name, line, presentationHint }) => [name, line, presentationHint]),
      [
        ["deep", 3, undefined],
        ["await", 0, "label"],
        ["middle", 6, "subtle"],
        ["(cell)", 8, "subtle"],
      ],
    );
    assert.deepEqual(await debuggee.scopes(frames[2]?.id), []);
    await debuggee.resume();
    await run;
  });

  it("stays out of Node's and the kernel's code", async () => {
    const source = `import { EventEmitter } from "node:events";
const emitter = new EventEmitter();
emitter.on("x", (value: number) => {
  globalThis.seen = value;
});
emitter.emit("x", 1);
console.log("printed");
display("shown");
const done = 1;`;
    await debuggee.breakAt(source, 6);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal(await debuggee.step("stepIn", run), "(cell):7");
    assert.equal(await debuggee.step("stepIn", run), "(cell):8");
    assert.equal(await debuggee.step("stepIn", run), "(cell):9");
    await debuggee.resume();
    assert.equal((await run).stdout, "printed\n");
  });

  it("goes through loops line by line", async () => {
    const source = "let sum = 0;\nfor (const n of [1, 2]) {\n  sum += n;\n}\nsum";
    await debuggee.breakAt(source, 3);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal((await debuggee.evaluate("n")).result, "1");
    await debuggee.resume();
    await debuggee.stopped();
    assert.equal((await debuggee.evaluate("n")).result, "2");
    assert.equal((await debuggee.evaluate("sum")).result, "1");
    await debuggee.resume();
    assert.equal((await run).text, "3");
  });

  it("goes into a local module and names its file", async () => {
    debuggee.kernel.write(
      "lib.ts",
      "type N = number;\nexport const add = (a: N, b: N): N => {\n  const sum = a + b;\n  return sum;\n};\n",
    );
    const source = 'import { add } from "./lib.ts";\nconst total = add(1, 2);\ntotal';
    await debuggee.breakAt(source, 2);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal(await debuggee.step("stepIn", run), "add:3");
    const frame = await debuggee.topFrame();
    assert.equal(frame.source?.path, `${debuggee.kernel.folder}/lib.ts`);
    assert.equal(await debuggee.step("stepOut", run), "(cell):3");
    await debuggee.resume();
    assert.equal((await run).text, "3");
  });

  it("goes over an import whose module has breakpoints elsewhere", async () => {
    debuggee.kernel.write("late.ts", "export const late = (): number => {\n  return 1;\n};\n");
    await debuggee.breakInFile(`${debuggee.kernel.folder}/late.ts`, 2);
    const source = 'const before = 1;\nconst module = await import("./late.ts");\nconst after = 2;\nafter';
    await debuggee.breakAt(source, 2);
    const run = debuggee.run(source);
    await debuggee.stopped();
    assert.equal(await debuggee.where(), "(cell):2");
    assert.equal(await debuggee.step("next", run), "(cell):3");
    await debuggee.resume();
    assert.equal((await run).text, "2");
  });

  it("pauses what runs", async () => {
    const run = debuggee.run("let spins = 0;\nwhile (spins >= 0) spins += 1;\nspins");
    while ((await debuggee.notebook()).every(({ value }) => !(Number(value) > 0)));
    await debuggee.request("pause", { threadId: 1 });
    assert.equal((await debuggee.stopped()).reason, "pause");
    assert.equal(await debuggee.where(), "(cell):2");
    await debuggee.evaluate("spins = -5");
    await debuggee.resume();
    assert.match((await run).text ?? "", /^-[45]$/);
  });

  it("pauses what waits, as soon as it goes on", async () => {
    const source =
      "let turns = 0;\nwhile (turns >= 0) {\n  await new Promise((done) => setTimeout(done, 5));\n  turns += 1;\n}";
    const run = debuggee.run(source);
    while ((await debuggee.notebook()).every(({ value }) => !(Number(value) > 2)));
    await debuggee.request("pause", { threadId: 1 });
    assert.equal((await debuggee.stopped()).reason, "pause");
    assert.match(await debuggee.where(), /^\((?:cell|anonymous function)\):[2-4]$/);
    await debuggee.evaluate("turns = -5");
    await debuggee.resume();
    assert.equal((await run).error, undefined);
  });

  it("stops at a debugger statement", async () => {
    const run = debuggee.run("const before = 1;\ndebugger;\nconst after = 2;");
    await debuggee.stopped();
    assert.equal(await debuggee.where(), "(cell):2");
    await debuggee.resume();
    await run;
  });
});
