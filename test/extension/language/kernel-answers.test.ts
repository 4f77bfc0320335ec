import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { completionsAt, hoverAt } from "../../../extension/language/kernel-answers.ts";
import { type TestKernel, runCell, startKernel } from "../../kernel/kernel-fixture.ts";

describe("answers of a kernel about a cell", function () {
  this.timeout(60_000);
  let kernel: TestKernel;
  before(async () => {
    kernel = await startKernel();
    await runCell(kernel.client, "/** How tall, in cm. */\nconst heights = [171, 168];");
  });
  after(async () => await kernel?.stop());

  it("complete in UTF-16 offsets behind characters of two units", async () => {
    const code = 'const 키 = "😀"; heights.rever\n키';
    const offset = code.indexOf("\n");
    const { start, end, items } = await completionsAt(kernel.client, code, offset);
    assert.equal(code.slice(start, end), "rever");
    assert.deepEqual(
      items.map(({ text, kind }) => [text, kind]),
      [["reverse", "method"]],
    );
  });

  it("complete names of other cells, and magics", async () => {
    const { items } = await completionsAt(kernel.client, "heig", 4);
    const found = items.find(({ text }) => text === "heights");
    assert.ok(found, "the name of another cell");
    assert.match(found.kind, /^(constant|variable)$/);
    const magics = await completionsAt(kernel.client, "%ti", 3);
    assert.deepEqual(
      magics.items.map(({ text, kind }) => [text, kind]),
      [
        ["%time", "magic"],
        ["%timeit", "magic"],
      ],
    );
  });

  it("say what a name is, with its documentation, and nothing of what is no name", async () => {
    const code = "'😀'; heights;";
    const text = await hoverAt(kernel.client, code, code.indexOf("heights") + 2);
    assert.match(text ?? "", /```typescript\n.*heights: number\[\]\n```\n\nHow tall, in cm\./);
    assert.equal(await hoverAt(kernel.client, "   ", 1), undefined);
  });

  it("come while a cell runs", async () => {
    const spinning = kernel.client.execute("for (const end = Date.now() + 2000; Date.now() < end; );");
    let done = false;
    const finished = spinning.result().then(() => {
      done = true;
    });
    await delay(200);
    assert.equal((await completionsAt(kernel.client, "heights.rever", 13)).items.length, 1);
    assert.ok((await hoverAt(kernel.client, "heights", 2)) !== undefined);
    assert.equal(done, false);
    await finished;
  });
});
