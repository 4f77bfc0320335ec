import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  NotebookFormatError,
  cellTags,
  createCodeCell,
  joinText,
  parseNotebook,
  readNotebook,
  serializeNotebook,
  setSorted,
  splitText,
  upgradeNotebook,
  writeNotebook,
} from "../../jupyter/notebook-file.ts";

const notebooks = join(import.meta.dirname, "notebooks");
const fixture = (name: string): Promise<string> => readFile(join(notebooks, name), "utf8");

describe("notebook files", () => {
  for (const name of ["v4-0", "v4-2", "v4-4", "v4-5", "numbers", "vscode"]) {
    it(`${name}.ipynb comes out byte for byte`, async () => {
      const text = await fixture(`${name}.ipynb`);
      assert.equal(serializeNotebook(parseNotebook(text)), text);
    });
  }

  it("an upgrade adds ids in their place and changes nothing else", async () => {
    const text = await fixture("v4-4.ipynb");
    const notebook = parseNotebook(text);
    upgradeNotebook(notebook);
    const upgraded = serializeNotebook(notebook);
    const ids = notebook.cells.map((cell) => cell.id);
    assert.equal(new Set(ids).size, notebook.cells.length);
    for (const id of ids) assert.match(id ?? "", /^[a-zA-Z0-9-_]{1,64}$/);
    const without = upgraded
      .replaceAll(/^ {3}"id": ".*",\n/gm, "")
      .replace('"nbformat_minor": 5', '"nbformat_minor": 4');
    assert.equal(without, text);
    assert.match(upgraded, /"execution_count": 1,\n {3}"id": ".{8}",\n {3}"metadata"/);
  });

  it("an upgrade leaves 4.5 notebooks and later minor versions alone", async () => {
    const text = (await fixture("v4-5.ipynb")).replace('"nbformat_minor": 5', '"nbformat_minor": 7');
    const notebook = parseNotebook(text);
    upgradeNotebook(notebook);
    assert.equal(serializeNotebook(notebook), text);
  });

  it("what careless writers leave out is filled in, and the rest is kept", async () => {
    const notebook = parseNotebook(await fixture("careless.ipynb"));
    upgradeNotebook(notebook);
    const [first, second, third, fourth] = notebook.cells;
    assert.ok(first?.cell_type === "code" && fourth?.cell_type === "code");
    assert.deepEqual([first.outputs, first.execution_count, first.metadata], [[], null, {}]);
    assert.equal(second?.id, "same");
    assert.notEqual(third?.id, "same");
    assert.deepEqual(fourth.outputs, [
      { output_type: "execute_result", data: { "text/plain": "1" }, metadata: {}, execution_count: null },
    ]);
    const written = serializeNotebook(notebook);
    assert.match(written, /"generator": "unknown"/);
    assert.match(written, /"custom": \{\n/);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["text that is no JSON", "{ not json", /not JSON: unexpected "n" at line 1, column 3/],
    ["an empty file", "", /not JSON: the text ends too early/],
    ["JSON of another kind", "[1]", /no nbformat field/],
    ["a newer major version", '{"nbformat": 5, "cells": []}', /version 5, newer than 4: update Tenon/],
    [
      "an older major version",
      '{"nbformat": 3, "worksheets": []}',
      /version 3, older than 4: convert it with `jupyter nbconvert/,
    ],
    ["a cell of an unknown type", '{"nbformat": 4, "cells": [{"cell_type": "x", "source": ""}]}', /cells\.0/],
    ["a notebook without cells", '{"nbformat": 4}', /cells/],
    ["a wrong source", '{"nbformat": 4, "cells": [{"cell_type": "raw", "source": 1}]}', /cells\.0\.source/],
  ];
  for (const [name, text, message] of refused) {
    it(`${name} is refused with advice`, () => {
      assert.throws(
        () => parseNotebook(text),
        (error: unknown) => {
          assert.ok(error instanceof NotebookFormatError);
          assert.match(error.message, message);
          assert.ok(!error.message.includes("\n"));
          return true;
        },
      );
    });
  }

  it("lines are split and joined without loss", () => {
    for (const text of ["", "a", "a\n", "\n", "a\n\nb", "a\r\nb\u2028c"])
      assert.equal(joinText(splitText(text)), text);
    assert.deepEqual(splitText("a\n\nb"), ["a\n", "\n", "b"]);
  });

  it("tags and new cells", () => {
    const cell = createCodeCell("a\nb", ["one", "two"]);
    assert.deepEqual(cell.source, ["a\n", "b"]);
    assert.deepEqual(cellTags(cell), ["one", "two"]);
    cell.metadata["tags"] = "nonsense";
    assert.deepEqual(cellTags(cell), []);
  });

  it("a new field goes where sorted keys have it", () => {
    const target: Record<string, unknown> = { a: 1, z: 2 };
    setSorted(target, "m", 3);
    setSorted(target, "a", 4);
    assert.equal(JSON.stringify(target), '{"a":4,"m":3,"z":2}');
  });
});

describe("writing notebook files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-notebook-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("replaces the file and keeps its permissions and links", async () => {
    const target = join(folder, "real.ipynb");
    const link = join(folder, "link.ipynb");
    await writeFile(target, "old");
    await chmod(target, 0o600);
    await symlink(target, link);
    const notebook = await readNotebook(join(notebooks, "v4-5.ipynb"));
    await writeNotebook(link, notebook);
    assert.equal(await readFile(target, "utf8"), await fixture("v4-5.ipynb"));
    assert.equal((await stat(target)).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(folder)).sort(), ["link.ipynb", "real.ipynb"]);
  });

  it("a write that fails leaves no temporary file", async () => {
    const target = join(folder, "taken.ipynb");
    await mkdir(target);
    const notebook = await readNotebook(join(notebooks, "v4-5.ipynb"));
    await assert.rejects(writeNotebook(target, notebook));
    assert.deepEqual(await readdir(folder), ["taken.ipynb"]);
  });
});
