import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import * as v from "valibot";
import { repositoryRoot } from "../support/repository.ts";

const names = v.optional(v.record(v.string(), v.string()), {});
const lockSchema = v.object({
  packages: v.record(v.string(), v.object({ dependencies: names, optionalDependencies: names })),
});

describe("the lock file", () => {
  // npm leaves out what it can't find when it writes the file, packages of other platforms above all; `npm ci` then refuses it.
  it("has every package that another one in it depends on, those of other platforms too", () => {
    const lock = v.parse(
      lockSchema,
      JSON.parse(readFileSync(join(repositoryRoot, "package-lock.json"), "utf8")),
    );
    /** Whether Node would find the package from the folder: in its node_modules, or in one further up. */
    const isFound = (folder: string, name: string): boolean =>
      posix.join(folder, "node_modules", name) in lock.packages ||
      (folder !== "" && isFound(folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/"))), name));
    const missing = Object.entries(lock.packages).flatMap(([folder, each]) =>
      Object.keys({ ...each.dependencies, ...each.optionalDependencies })
        .filter((name) => !isFound(folder, name))
        .map((name) => `${name}, of ${folder}`),
    );
    assert.deepEqual(missing, []);
  });
});
