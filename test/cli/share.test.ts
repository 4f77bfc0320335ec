import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { joinText } from "../../jupyter/notebook-file.ts";
import { CliFolder, codeCell, markdownCell } from "./cli-fixture.ts";

describe("tenon export and import", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
  });
  afterEach(() => folder.remove());

  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

  it("writes a page beside the notebook, and again, with images from a folder", async () => {
    await mkdir(join(folder.path, "images"));
    await writeFile(join(folder.path, "images/dot.png"), Buffer.from(pixel, "base64"));
    await folder.write("a.ipynb", [markdownCell("# Heights\n\n![dot](dot.png)"), "1 + 1"]);
    for (const args of [[], ["--images", "images"]]) {
      const { code, stdout, stderr } = await folder.run(["export", "html", "a.ipynb", ...args]);
      assert.deepEqual([code, stdout, stderr], [0, "Wrote a.html\n", ""]);
      const page = await readFile(join(folder.path, "a.html"), "utf8");
      assert.match(page, /Heights/);
      assert.equal(page.includes(pixel.slice(0, 40)), args.length > 0);
    }
  });

  it("writes a module, and makes a notebook of it again", async () => {
    await folder.write("a.ipynb", [markdownCell("# 키"), codeCell("%env A=1\nconst a = 1", "parameters")]);
    const exported = await folder.run(["export", "ts", "a.ipynb", "--out", "out/a.ts"]);
    assert.deepEqual([exported.code, exported.stderr], [0, ""]);
    const imported = await folder.run(["import", "out/a.ts"]);
    assert.deepEqual([imported.code, imported.stderr], [0, ""]);
    const { cells, metadata } = await folder.read("out/a.ipynb");
    assert.deepEqual(
      cells.map((cell) => [cell.cell_type, joinText(cell.source), cell.metadata]),
      [
        ["markdown", "# 키", {}],
        ["code", "%env A=1\nconst a = 1", { tags: ["parameters"] }],
      ],
    );
    assert.deepEqual(metadata["kernelspec"], {
      display_name: "TypeScript (Tenon)",
      language: "typescript",
      name: "tenon",
    });
  });

  it("writes over nobody's work", async () => {
    await folder.write("a.ipynb", ["1"]);
    await writeFile(join(folder.path, "a.ts"), "mine\n");
    const exported = await folder.run(["export", "ts", "a.ipynb"]);
    assert.equal(exported.code, 1);
    assert.match(exported.stderr, /a\.ts exists; name the file to write with --out/);
    const imported = await folder.run(["import", "a.ts"]);
    assert.equal(imported.code, 1);
    assert.match(imported.stderr, /a\.ipynb exists/);
    const same = await folder.run(["export", "html", "a.ipynb", "--out", "a.ipynb"]);
    assert.equal(same.code, 2);
    assert.equal(await readFile(join(folder.path, "a.ts"), "utf8"), "mine\n");
  });

  it("says in one line what is wrong", async () => {
    await writeFile(join(folder.path, "broken.ipynb"), "{");
    for (const [args, message] of [
      [["export", "html", "none.ipynb"], /none\.ipynb does not exist/],
      [["export", "ts", "broken.ipynb"], /not a notebook/],
      [["import", "none.ts"], /none\.ts does not exist/],
    ] as const) {
      const { code, stderr } = await folder.run([...args]);
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split("\n").length, 1);
    }
  });
});
