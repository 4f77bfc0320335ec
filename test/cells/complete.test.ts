import assert from "node:assert/strict";
import type { CellCompletions } from "../../cells/types.ts";
import { atCursor, completionCases } from "./completion-cases.ts";
import { Notebook } from "./program-fixture.ts";

async function complete(notebook: Notebook, source: string): Promise<CellCompletions> {
  const { code, offset } = atCursor(source);
  return await notebook.program.complete(code, offset);
}

for (const settled of [false, true]) {
  describe(`completion ${settled ? "with settled cells" : "right after cells ran"}`, () => {
    for (const { name, setup, source, expected, forbidden } of completionCases) {
      it(name, async () => {
        const notebook = new Notebook();
        try {
          await notebook.run(...setup);
          if (settled) await notebook.settle();
          const { items } = await complete(notebook, source);
          const texts = new Set(items.map(({ text }) => text));
          assert.deepEqual(
            expected.filter((text) => !texts.has(text)),
            [],
            "missing",
          );
          assert.deepEqual(
            forbidden.filter((text) => texts.has(text)),
            [],
            "wrong",
          );
          for (const text of texts) assert.doesNotMatch(text, /\$tenon/);
        } finally {
          await notebook.close();
        }
      });
    }
  });
}

describe("completion details", () => {
  let notebook: Notebook;
  beforeEach(() => {
    notebook = new Notebook();
  });
  afterEach(async () => await notebook.close());

  it("gives ranges, kinds and types", async () => {
    await notebook.run("const numbers = [1]; class Counter {}");
    const member = await complete(notebook, "1; numbers.joi¦");
    assert.deepEqual(member, {
      start: 11,
      end: 14,
      items: [{ text: "join", kind: "method", detail: "(separator?: string | undefined) => string" }],
    });
    const name = await complete(notebook, "Counte¦");
    assert.deepEqual(name.items, [{ text: "Counter", kind: "class", detail: undefined }]);
  });

  it("offers files and folders beside the notebook", async () => {
    notebook.write("helpers.ts", "export const a = 1");
    notebook.write("data/rows.json", "[]");
    notebook.write("notes.txt", "");
    assert.deepEqual((await complete(notebook, 'import x from "./¦"')).items.map(({ text }) => text).sort(), [
      "data/",
      "helpers.ts",
    ]);
    const { start, end, items } = await complete(notebook, 'await import("./data/r¦")');
    assert.deepEqual([start, end, items.map(({ text }) => text)], [21, 22, ["rows.json"]]);
  });

  it("offers packages and their entry points", async () => {
    notebook.write("node_modules/@scope/pack/package.json", '{"exports":{".":"./a.js","./deep":"./b.js"}}');
    notebook.write("node_modules/plain/package.json", "{}");
    assert.deepEqual(
      (await complete(notebook, 'import x from "@sc¦"')).items.map(({ text }) => text),
      ["@scope/pack"],
    );
    assert.deepEqual(
      (await complete(notebook, 'import x from "@scope/pack/¦"')).items.map(({ text }) => text),
      ["@scope/pack/deep"],
    );
    assert.ok((await complete(notebook, 'import x from "pl¦"')).items.some(({ text }) => text === "plain"));
  });

  it("offers Tenon and the packages it brings", async () => {
    const texts = async (source: string): Promise<string[]> =>
      (await complete(notebook, source)).items.map(({ text }) => text);
    assert.ok((await texts('import x from "ten¦"')).includes("tenon"));
    assert.ok((await texts('import x from "onnx¦"')).includes("onnxruntime-node"));
  });

  it("falls back to other capitals", async () => {
    await notebook.run("const DataFrame = 1");
    assert.deepEqual(
      (await complete(notebook, "datafr¦")).items.map(({ text }) => text),
      ["DataFrame"],
    );
  });
});
