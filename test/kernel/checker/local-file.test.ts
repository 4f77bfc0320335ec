import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localFile, projectFolder } from "../../../kernel/checker/local-file.ts";

describe("the files that the kernel looks at before a cell runs", () => {
  const project = join(tmpdir(), "project");
  const notebooks = join(project, "notebooks");
  const look = (path: string): string => {
    const found = localFile(path, notebooks, project);
    return "problem" in found ? found.problem : `${found.isPattern ? "pattern " : ""}${found.path}`;
  };

  it("are those of the notebook's project", () => {
    assert.equal(look("a.csv"), join(notebooks, "a.csv"));
    assert.equal(look("./data/a.csv"), join(notebooks, "data", "a.csv"));
    assert.equal(look("../data/*.parquet"), `pattern ${join(project, "data", "*.parquet")}`);
    assert.equal(look("..a.csv"), join(notebooks, "..a.csv"));
  });

  it("are none elsewhere, unless the cell names them outright", () => {
    assert.match(look("../../a.csv"), /^it is outside .*project; files elsewhere/);
    assert.match(look("x/../../../*/a.csv"), /^it is outside/);
    assert.equal(look(join(tmpdir(), "a.csv")), join(tmpdir(), "a.csv"));
  });

  it("are no remote ones", () => {
    for (const path of [
      "https://example.org/a.csv",
      "s3://bucket/a.parquet",
      "HTTP://x/a",
      "//server/a.csv",
      "\\\\server\\a.csv",
      "postgres:host=x",
    ])
      assert.equal(look(path), "only local files are looked at before a cell runs");
  });

  it("belong to the nearest repository, package or opened folder", () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "tenon-project-")));
    try {
      const inner = join(root, "a", "b");
      mkdirSync(inner, { recursive: true });
      writeFileSync(join(root, "package.json"), "{}");
      assert.equal(projectFolder(inner), root);
      mkdirSync(join(root, "a", ".git"));
      assert.equal(projectFolder(inner), join(root, "a"));
      assert.equal(projectFolder(root), root);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
