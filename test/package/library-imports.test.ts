/** @file What the library imports comes with it: a package that only our tests install is not there for its users. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import * as v from "valibot";
import { repositoryRoot } from "../support/repository.ts";

const names = v.optional(v.record(v.string(), v.string()), {});
const { dependencies, peerDependencies } = v.parse(
  v.object({ dependencies: names, peerDependencies: names }),
  JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")),
);

function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

describe("the library's imports", () => {
  const folder = join(repositoryRoot, "dist/ml");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".js"),
  );

  it("are of packages that are installed with it, or of optional ones that are asked for at run time", () => {
    assert.ok(files.length > 100, `${files.length} files`);
    for (const file of files) {
      const { module } = parseSync(file, readFileSync(join(folder, file), "utf8"));
      for (const { moduleRequest } of module.staticImports) {
        const specifier = moduleRequest.value;
        if (specifier.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(specifier))
          continue;
        const name = packageOf(specifier);
        assert.ok(name in dependencies, `${file} imports ${name}`);
        assert.ok(!(name in peerDependencies), `${file} imports ${name}, which may not be there`);
      }
    }
  });
});
