import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { findPackage } from "../../../../ml/find-package.ts";
import { XgboostMissingError } from "../../../../ml/trees/index.ts";
import { findXgboostLibrary } from "../../../../ml/trees/xgboost/find-library.ts";
import { loadXgboostLibrary } from "../../../../ml/trees/xgboost/library.ts";

async function missing(use: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(use, (error) => {
    assert.ok(error instanceof XgboostMissingError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

const names: Readonly<Record<string, string>> = { win32: "xgboost.dll", darwin: "libxgboost.dylib" };
const libraryName = names[process.platform] ?? "libxgboost.so";

describe("finding XGBoost's library", () => {
  let folder = "";
  before(async () => void (folder = await mkdtemp(join(tmpdir(), "tenon-xgboost-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  it("takes the file that TENON_XGBOOST names, before any Python", async () => {
    const path = join(folder, "mine.so");
    await writeFile(path, "");
    assert.equal(await findXgboostLibrary({ xgboost: path, python: "/no/python" }), path);
    const gone = join(folder, "gone.so");
    await missing(
      findXgboostLibrary({ xgboost: gone, python: undefined }),
      /gone\.so, which isn't there: .*pip/,
    );
  });

  it("asks the system by name without variables", async () => {
    assert.equal(await findXgboostLibrary({ xgboost: undefined, python: undefined }), libraryName);
    assert.equal(await findXgboostLibrary({ xgboost: "", python: "" }), libraryName);
  });

  it("takes that of the package of the Python in TENON_PYTHON", async function () {
    // A program that answers as Python does is a shell script, which Windows doesn't run.
    if (process.platform === "win32") this.skip();
    const python = join(folder, "python");
    const answer = async (text: string): Promise<void> => {
      await writeFile(python, `#!/bin/sh\necho '${text}'\n`);
      await chmod(python, 0o755);
    };
    await answer(join(folder, "xgboost"));
    await missing(findXgboostLibrary({ xgboost: undefined, python }), /has no lib\/libxgboost/);
    await mkdir(join(folder, "xgboost/lib"), { recursive: true });
    const library = join(folder, "xgboost/lib", libraryName);
    await writeFile(library, "");
    assert.equal(await findXgboostLibrary({ xgboost: undefined, python }), library);
    await answer("");
    await missing(
      findXgboostLibrary({ xgboost: undefined, python }),
      /no package xgboost: .* -m pip install xgboost/,
    );
    await missing(findXgboostLibrary({ xgboost: undefined, python: join(folder, "none") }), /can't be run/);
  });

  it("says what a file is that is no library, or another one", async () => {
    const path = join(folder, "text.so");
    await writeFile(path, "no library");
    await missing(
      loadXgboostLibrary({ xgboost: path, python: undefined }),
      /text\.so can't be loaded \(.*TENON_XGBOOST/,
    );
    const { sharedObjects } = v.parse(
      v.object({ sharedObjects: v.array(v.string()) }),
      process.report.getReport(),
    );
    const other = sharedObjects.find((each) => each !== process.execPath && existsSync(each));
    assert.ok(other);
    await missing(
      loadXgboostLibrary({ xgboost: other, python: undefined }),
      /is not XGBoost's library: .*XGBoostVersion/,
    );
  });

  it("finds packages in the project before Tenon's, and tells of none", () => {
    assert.match(findPackage("valibot") ?? "", /valibot/);
    assert.equal(findPackage("tenon-has-no-such-package"), undefined);
  });
});
