/** @file Places in tracebacks as links: in the kernel's own tracebacks, and in lines that only look like places. */
import assert from "node:assert/strict";
import { linkedTraceback } from "../../../extension/notebook/error-links.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";

const links = (text: string): readonly string[] =>
  text.split("\n").filter((line) => line.startsWith("Cell In ["));

describe("links of a traceback", function () {
  this.timeout(30_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
  });
  after(async () => await kernel?.stop());

  const linked = async (code: string): Promise<string> => {
    const { error } = await runCell(kernel.client, code);
    assert.ok(error !== undefined, "the cell did not fail");
    return linkedTraceback(error.traceback.split("\n"));
  };

  it("leads to the innermost place of an error, once", async () => {
    await runCell(kernel.client, "function fails() {\n  throw new RangeError('too far');\n}");
    const text = await linked("const before = 1;\nfails();");
    assert.deepEqual(links(text), ["Cell In [1], line 2"]);
    const lines = text.split("\n");
    const at = lines.indexOf("Cell In [1], line 2");
    assert.match(lines[at + 1] ?? "", /^\s+at .*fails/);
    assert.match(text, /RangeError.*too far/);
  });

  it("leads to each problem that the type check finds", async () => {
    const text = await linked('const count: number = "one";\nconst name: string = 1;');
    assert.equal(links(text).length, 2);
    assert.match(links(text)[0] ?? "", /^Cell In \[\d+\], line 1$/);
    assert.match(links(text)[1] ?? "", /^Cell In \[\d+\], line 2$/);
    assert.doesNotMatch(text, /Cell \[\d+\]:\d+:\d+/);
  });

  it("leads to a syntax error", async () => {
    assert.match(links(await linked("const ok = 1;\nconst = 2;"))[0] ?? "", /line 2$/);
  });

  it("leaves alone what stands in no cell, and a message that speaks of one", () => {
    const traceback = [
      "Error: see Cell [3]:1:2 for more",
      "    at readFileSync (node:fs:441:20)",
      "    at load (/home/ada/work/load.ts:7:3)",
    ];
    assert.equal(linkedTraceback(traceback), traceback.join("\n"));
  });

  it("sees through colours", () => {
    const frame = "    \u001B[90mat run (Cell [12]:34:5)\u001B[39m";
    assert.equal(
      linkedTraceback(["\u001B[31mError\u001B[39m: no", frame, "    at Cell [1]:1:1"]),
      ["\u001B[31mError\u001B[39m: no", "Cell In [12], line 34", frame, "    at Cell [1]:1:1"].join("\n"),
    );
  });
});
