/**
 * @file The snippets of the docs: each page is run as a notebook whose cells they are, in order.
 *
 * A snippet marked "ts raises" must fail with the message in the text block that follows it. A line that ends in a
 * comment of a number or of a list must have that value.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { createCodeCell, joinText, parseNotebook } from "../../jupyter/notebook-file.ts";
import { repositoryRoot } from "../support/repository.ts";

const pages = [
  "autolog.md",
  "client.md",
  "clusters-and-neighbours.md",
  "data-versions.md",
  "drift.md",
  "evaluation.md",
  "feature-selection.md",
  "features.md",
  "forests.md",
  "governance.md",
  "graph.md",
  "images.md",
  "linear.md",
  "nn.md",
  "pipelines.md",
  "packages.md",
  "serving.md",
  "serving-operations.md",
  "tables.md",
  "tracking.md",
  "trees.md",
  "tuning.md",
  "validation.md",
];

interface Snippet {
  readonly code: string;
  /** What it must say where it is one that fails. */
  readonly error: string | undefined;
}

function snippetsOf(page: string): readonly Snippet[] {
  const blocks = [...page.matchAll(/^```(\w+)( raises)?\n([\s\S]*?)^```$/gm)].map(
    ([, language, raises, text = ""]) => ({ language, raises, text }),
  );
  return blocks.flatMap(({ language, raises, text }, index): Snippet[] => {
    if (language !== "ts") return [];
    if (raises === undefined) return [{ code: text, error: undefined }];
    const next = blocks[index + 1];
    assert.equal(next?.language, "text", `no message follows ${text}`);
    return [{ code: text, error: next?.text.trim() }];
  });
}

/** A snippet as a cell that fails where a value is not what its comment says. */
function asserting(code: string): string {
  return code.replaceAll(
    /^(?!const |import )(.+); \/\/ (?:(\w+) )?(-?\d+(?:\.\d+)?\b|\[.*\](?=$)).*$/gm,
    (_, expression: string, word: string | undefined, value: string) => {
      const message = JSON.stringify(expression);
      return word === "above"
        ? `assert.ok(Number(${expression}) > ${value}, ${message});`
        : `assert.deepEqual(rounded(${expression}), ${value}, ${message});`;
    },
  );
}

const assertions = `
import assert from "node:assert/strict";
const rounded = (value: unknown): unknown =>
  typeof value === "number"
    ? Number(value.toFixed(5))
    : Array.isArray(value) || ArrayBuffer.isView(value)
      ? Array.from(value as unknown as Iterable<unknown>, rounded)
      : value;`;

describe("docs", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-docs-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const page of pages) {
    it(`the snippets of ${page} run`, function () {
      this.timeout(120_000);
      const snippets = snippetsOf(readFileSync(join(repositoryRoot, "docs", page), "utf8"));
      assert.ok(snippets.length >= 3, `${snippets.length} snippets`);
      const path = join(folder, `${page}.ipynb`);
      const cells = snippets.map(({ code, error }) =>
        createCodeCell(asserting(code), error === undefined ? [] : ["raises-exception"]),
      );
      cells.unshift(createCodeCell(assertions));
      const metadata = { kernelspec: { name: "tenon", display_name: "", language: "typescript" } };
      writeFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
      const run = spawnSync(
        process.execPath,
        [join(repositoryRoot, "dist/cli/main.js"), "run", path, "--out", path],
        { encoding: "utf8" },
      );
      assert.equal(run.status, 0, run.stdout + run.stderr);
      const executed = parseNotebook(readFileSync(path, "utf8")).cells;
      for (const [index, { code, error }] of snippets.entries()) {
        if (error === undefined) continue;
        const cell = executed[index + 1];
        assert.ok(cell?.cell_type === "code");
        const said = cell.outputs.map((output) => JSON.stringify(output)).join("\n");
        const plain = stripVTControlCharacters(said.replaceAll(String.raw`\u001b`, "\u001b")).replaceAll(
          String.raw`\"`,
          '"',
        );
        assert.ok(plain.includes(error), `${joinText(cell.source)}\nsays ${plain}\nnot ${error}\n${code}`);
      }
    });
  }
});
