import assert from "node:assert/strict";
import { shownName } from "../../cells/shown-name.ts";

describe("the variable that a cell shows", () => {
  it("is the name that the cell ends in", () => {
    assert.equal(shownName("const rows = [1];\nrows"), "rows");
    assert.equal(shownName("%npm install x\nawait load();\nrows; // all"), "rows");
    for (const other of ["rows.length", "const rows = 1", "rows + 1", "", "%%sql\nrows", "rows.filter("])
      assert.equal(shownName(other), undefined, other);
  });
});
