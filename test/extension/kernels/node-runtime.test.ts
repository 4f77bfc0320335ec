/** @file Which Node is taken for kernels, found out by running real programs. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  NodeRuntimeError,
  findNode,
  isAtLeast,
  oldestNode,
} from "../../../extension/kernels/node-runtime.ts";

describe("the Node for kernels", () => {
  const path = process.env["PATH"];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-node-"));
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program that prints a text and ends. */
  const program = (name: string, prints: string, code = 0): string => {
    const isWindows = process.platform === "win32";
    const file = join(folder, isWindows ? `${name}.cmd` : name);
    const script = isWindows
      ? `@echo ${prints}\r\n@exit ${code}\r\n`
      : `#!/bin/sh\necho '${prints}'\nexit ${code}\n`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
    return file;
  };

  it("is the one that the setting names", async () => {
    assert.deepEqual(await findNode(process.execPath), {
      program: process.execPath,
      version: process.versions.node,
      env: {},
    });
  });

  it("says that the named one is too old, with both versions", async () => {
    const old = program("old-node", "v18.20.4");
    await assert.rejects(
      findNode(old),
      (error) =>
        error instanceof NodeRuntimeError &&
        error.message.includes("18.20.4") &&
        error.message.includes(oldestNode) &&
        error.message.includes("tenon.kernel.node"),
    );
  });

  it("says that the named one is no Node", async () => {
    const others = [
      program("python", "Python 3.11.7"),
      program("broken", "v24.0.0", 1),
      join(folder, "is-not-there"),
      folder,
    ];
    for (const other of others) {
      await assert.rejects(
        findNode(other),
        (error) => error instanceof NodeRuntimeError && error.message.includes(other),
        other,
      );
    }
  });

  it("is `node` on the PATH where none is named", async () => {
    program("node", "v99.1.2");
    process.env["PATH"] = [folder, path].join(delimiter);
    assert.deepEqual(await findNode(""), { program: "node", version: "99.1.2", env: {} });
  });

  it("is the host's own where the PATH has an old one or none", async () => {
    const own = {
      program: process.execPath,
      version: process.versions.node,
      env: { ELECTRON_RUN_AS_NODE: "1" },
    };
    process.env["PATH"] = folder;
    assert.deepEqual(await findNode(""), own);
    program("node", "v20.18.9");
    assert.deepEqual(await findNode(""), own);
  });

  it("compares versions by their numbers", () => {
    assert.ok(isAtLeast("20.19.0", "20.19.0"));
    assert.ok(isAtLeast("20.100.0", "20.19.0"));
    assert.ok(isAtLeast("24.0.0", "20.19.0"));
    assert.ok(!isAtLeast("20.9.9", "20.19.0"));
    assert.ok(!isAtLeast("9.30.0", "20.19.0"));
  });
});
