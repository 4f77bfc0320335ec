import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

describe("installing without a CUDA download", () => {
  it("has no install script of onnxruntime-node in the lock file, which npm 10 would run", () => {
    const lock = v.parse(
      v.object({ packages: v.record(v.string(), v.object({ hasInstallScript: v.optional(v.boolean()) })) }),
      readJson("package-lock.json"),
    );
    assert.equal(
      lock.packages["node_modules/onnxruntime-node"]?.hasInstallScript,
      undefined,
      'remove "hasInstallScript" from node_modules/onnxruntime-node in package-lock.json',
    );
  });

  it("denies it in package.json, which npm 11 and later go by", () => {
    const manifest = v.parse(
      v.object({ allowScripts: v.record(v.string(), v.boolean()) }),
      readJson("package.json"),
    );
    assert.equal(manifest.allowScripts["onnxruntime-node"], false);
  });

  describe("as a dependency", () => {
    let folder: string;
    let installer: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tenon-install-"));
      const runtime = join(folder, "node_modules/onnxruntime-node");
      installer = join(runtime, "script/install.js");
      mkdirSync(runtime, { recursive: true });
      for (const part of ["package.json", "script"]) {
        cpSync(join(root, "node_modules/onnxruntime-node", part), join(runtime, part), { recursive: true });
      }
      // Whoever installed Tenon's packed form in this folder has it changed already.
      writeFileSync(installer, readFileSync(installer, "utf8").replace(/^.*set by tenon.*\n/, ""));
      mkdirSync(join(folder, "node_modules/tenon/scripts"), { recursive: true });
      cpSync(
        join(root, "scripts/no-cuda-download.cjs"),
        join(folder, "node_modules/tenon/scripts/no-cuda-download.cjs"),
      );
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const preinstall = (): void => {
      execFileSync(process.execPath, [join(folder, "node_modules/tenon/scripts/no-cuda-download.cjs")], {
        env: { ...process.env, npm_config_local_prefix: folder },
      });
    };

    it("changes the default of the install step once", () => {
      preinstall();
      const once = readFileSync(installer, "utf8");
      assert.match(once, /set by tenon/);
      preinstall();
      assert.equal(readFileSync(installer, "utf8"), once);
    });

    it("leaves the package of a project that depends on it directly", () => {
      writeFileSync(join(folder, "package.json"), '{"dependencies":{"onnxruntime-node":"1"}}');
      preinstall();
      assert.doesNotMatch(readFileSync(installer, "utf8"), /set by tenon/);
    });

    it("does not fail where the package is missing", () => {
      rmSync(join(folder, "node_modules/onnxruntime-node"), { recursive: true });
      preinstall();
      assert.equal(existsSync(installer), false);
    });
  });
});
