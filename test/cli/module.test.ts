import assert from "node:assert/strict";
import { parseSync } from "oxc-parser";
import { readModule } from "../../cli/module/read-module.ts";
import { writeModule } from "../../cli/module/write-module.ts";
import { type Cell, type Notebook, joinText } from "../../jupyter/notebook-file.ts";

const code = (id: string, source: string, metadata = {}): Cell => ({
  cell_type: "code",
  execution_count: 3,
  id,
  metadata,
  outputs: [{ output_type: "stream", name: "stdout", text: "seen\n" }],
  source,
});
const markdown = (id: string, source: string): Cell => ({ cell_type: "markdown", id, metadata: {}, source });
const notebookOf = (cells: readonly Cell[]): Notebook => ({
  cells: [...cells],
  metadata: { kernelspec: { name: "tenon", display_name: "TypeScript (Tenon)", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
});
const essence = ({ cells, metadata }: Notebook): unknown => ({
  metadata,
  cells: cells.map((cell) => ({
    type: cell.cell_type,
    id: cell.id,
    metadata: cell.metadata,
    source: joinText(cell.source),
    attachments: "attachments" in cell ? cell.attachments : undefined,
  })),
});

describe("a notebook as a module", () => {
  const cells = [
    markdown("intro", "# 키 (heights)\n\n%% not a marker\n\\%% with a backslash\nend\n"),
    code("params", "const epochs = 5;", { tags: ["parameters", "a b"] }),
    code("install", "%npm install 'left pad'\nimport { readFile } from 'node:fs/promises';\n  %env A=1 // b"),
    code("timed", "%time await Promise.resolve(1)\n%timeit  2 + 2\n7 %\ntime"),
    code(
      "comments",
      "// %npm is a comment\n// %% as well\n// // %check\n//%no\nconst t = `\n%npm in text\n`;",
    ),
    code("bash", "%%bash\nls -la\n\n%% x\n"),
    code("checked", "%%check off\nconst wrong: string = 1"),
    code("empty", ""),
    code("blank", "\n\nconst spaced = 1;\n\n"),
    code("meta", "1", { jupyter: { source_hidden: true } }),
    { cell_type: "raw", id: "raw", metadata: {}, source: "plain\n\ntext" } as const,
    {
      ...markdown("picture", "![x](attachment:a.png)"),
      attachments: { "a.png": { "image/png": "iVBORw0 KGgo=" } },
    },
    code("await", "await Promise.resolve(epochs)"),
  ];

  it("keeps cells, ids, tags, other metadata and attachments over the round trip", () => {
    const notebook = notebookOf(cells);
    const again = readModule(writeModule(notebook));
    assert.deepEqual(essence(again), essence(notebook));
    assert.equal(writeModule(again), writeModule(notebook));
    assert.deepEqual(
      again.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : [])),
      [],
    );
  });

  it("is TypeScript that a compiler reads as a module", () => {
    const text = writeModule(notebookOf(cells));
    assert.deepEqual(parseSync("a.ts", text).errors, []);
    assert.match(text, /^\/\/ %npm install 'left pad'$/m);
    assert.match(text, /^\/\* %time \*\/ await Promise/m);
    assert.match(text, /^\/\/ %% id="params" tags=\["parameters","a b"\]$/m);
    assert.match(text, /^\/\/ # 키 \(heights\)$/m);
  });

  it("leaves out what tells of a run", () => {
    const run = code("a", "1", { execution: { "iopub.status.busy": "2026" }, papermill: {} });
    const text = writeModule(notebookOf([run]));
    assert.doesNotMatch(text, /execution|papermill|seen/);
  });

  it("is read where a person or another tool wrote it", () => {
    const text = [
      "import { a } from './a.ts';",
      "// %% Load the data",
      "const x = 1;",
      "// %% [markdown]",
      "// ## Title",
      "//no space",
      '// %% id="two" tags=["t"] more words',
      "x;",
      '// %% id="two"',
      "x + 1;",
    ].join("\r\n");
    const { cells } = readModule(text);
    assert.deepEqual(
      cells.map((cell) => [cell.cell_type, joinText(cell.source)]),
      [
        ["code", "import { a } from './a.ts';"],
        ["code", "const x = 1;"],
        ["markdown", "## Title\nno space"],
        ["code", "x;"],
        ["code", "x + 1;"],
      ],
    );
    assert.deepEqual(cells[3]?.metadata, { tags: ["t"] });
    assert.equal(new Set(cells.map(({ id }) => id)).size, 5);
    assert.equal(cells[3]?.id, "two");
    assert.deepEqual(readModule("").cells, []);
    assert.equal(readModule("const whole = 1;\n").cells.length, 1);
  });
});
