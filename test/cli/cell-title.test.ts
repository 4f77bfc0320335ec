import assert from "node:assert/strict";
import { cellTitles } from "../../cli/run/cell-title.ts";
import { codeCell, markdownCell } from "./cli-fixture.ts";

describe("cell titles", () => {
  it("come from the heading above, the first comment, the section, the first line of code", () => {
    const titles = cellTitles([
      codeCell("import a from 'a';\nconst b = 1;"),
      codeCell("// Own words\nb;"),
      codeCell("/* one line */ b;"),
      markdownCell("# Report\n\nText\n\n## Train *the* `model` ##\n```\n# not a heading\n```"),
      codeCell("train();"),
      codeCell("// Check it\ncheck();"),
      codeCell("more();"),
      markdownCell("only text"),
      codeCell("last();"),
      markdownCell("### [Linked](https://example.org)"),
      codeCell(`// ${"x".repeat(100)}`),
      codeCell(`// ${"x".repeat(100)}`),
    ]);
    assert.deepEqual(
      titles.filter((title) => title !== ""),
      [
        "const b = 1;",
        "Own words",
        "one line",
        "Train the model",
        "Check it",
        "Train the model (3)",
        "Train the model (4)",
        "Linked",
        `${"x".repeat(69)}…`,
      ],
    );
  });
});
