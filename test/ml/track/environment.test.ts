/** @file What is recorded of the place where a run is made. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NotebookHost } from "../../../ml/notebook-host.ts";
import { captureEnvironment, environmentRecord } from "../../../ml/track/environment/environment.ts";
import { projectPackages, tenonVersion } from "../../../ml/track/environment/packages.ts";
import { runSource } from "../../../ml/track/environment/source.ts";
import { allowedVariables } from "../../../ml/track/environment/variables.ts";

describe("the environment of a run", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-environment-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, content: unknown): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  };

  it("becomes MLflow's tags and artifacts", async () => {
    const environment = await captureEnvironment();
    const { tags, artifacts } = environmentRecord(environment);
    assert.match(tags["mlflow.source.git.commit"] ?? "", /^[0-9a-f]{40}$/);
    assert.ok(["true", "false"].includes(tags["mlflow.source.git.dirty"] ?? ""));
    assert.equal(tags["mlflow.source.type"], "LOCAL");
    assert.match(tags["mlflow.source.name"] ?? "", /mocha/);
    assert.ok((tags["mlflow.user"] ?? "") !== "");
    assert.equal(tags["tenon.version"], await tenonVersion());
    assert.match(tags["tenon.packages.lock"] ?? "", /^sha256:[0-9a-f]{64}$/);
    const [first] = artifacts;
    assert.equal(first?.file, "environment/environment.json");
    const whole: unknown = JSON.parse(first.text);
    assert.deepEqual(
      whole,
      JSON.parse(JSON.stringify({ ...environment, git: { ...environment.git, diff: undefined } })),
    );
    assert.equal(environment.machine.node, process.versions.node);
    assert.ok(environment.machine.cpu.count > 0 && environment.machine.memoryBytes > 0);
  });

  it("lists packages in the versions that are installed, and the lock's digest", async () => {
    write("package.json", {
      name: "mine",
      dependencies: {
        here: "^1.0.0",
        gone: "~2.0.0",
        "@a/scoped": "*",
        private: "git+https://ann:hunter2hunter2@git.example/private.git",
      },
      devDependencies: { "../evil": "1" },
    });
    write("node_modules/here/package.json", { name: "here", version: "1.4.2" });
    write("node_modules/@a/scoped/package.json", { version: "3.0.0" });
    write("package-lock.json", "{}");
    mkdirSync(join(folder, "deep/er"), { recursive: true });
    assert.deepEqual(await projectPackages(join(folder, "deep/er")), {
      project: "mine",
      lock: { file: "package-lock.json", sha256: createHash("sha256").update("{}").digest("hex") },
      dependencies: {
        "../evil": "1",
        "@a/scoped": "3.0.0",
        gone: "~2.0.0",
        here: "1.4.2",
        private: "git+https://git.example/private.git",
      },
    });
  });

  it("tells no packages of a folder without a project, nor of a broken one", async () => {
    assert.equal(await projectPackages(folder), undefined);
    write("package.json", "{ broken");
    assert.equal(await projectPackages(folder), undefined);
    write("package.json", { dependencies: [1, 2] });
    assert.equal(await projectPackages(folder), undefined);
  });

  it("keeps variables of the list only, without secrets in them", () => {
    process.env["TENON_TEST_PLAIN"] = "7";
    process.env["TENON_TEST_PASSWORD"] = "hunter2-hunter2";
    process.env["TENON_TEST_OPTIONS"] = `--header="Authorization: Bearer ${"abc123".repeat(6)}"`;
    try {
      const found = allowedVariables([
        "TENON_TEST_PLAIN",
        "TENON_TEST_PASSWORD",
        "TENON_TEST_OPTIONS",
        "TENON_NOT_SET",
      ]);
      assert.deepEqual(Object.keys(found), ["TENON_TEST_PLAIN", "TENON_TEST_PASSWORD", "TENON_TEST_OPTIONS"]);
      assert.equal(found["TENON_TEST_PLAIN"], "7");
      assert.equal(found["TENON_TEST_PASSWORD"], "[redacted:secret]");
      assert.ok(!found["TENON_TEST_OPTIONS"]?.includes("abc123"), found["TENON_TEST_OPTIONS"]);
    } finally {
      for (const name of ["PLAIN", "PASSWORD", "OPTIONS"]) delete process.env[`TENON_TEST_${name}`];
    }
  });

  it("keeps no variable that is on no list", async () => {
    process.env["TENON_TEST_SECRET"] = "not to be seen";
    try {
      const environment = await captureEnvironment();
      assert.ok(!JSON.stringify(environment).includes("not to be seen"));
      const more = await captureEnvironment({ environmentVariables: ["TENON_TEST_SECRET"] });
      assert.ok("TENON_TEST_SECRET" in more.variables);
    } finally {
      delete process.env["TENON_TEST_SECRET"];
    }
  });

  describe("in a notebook", () => {
    const symbol = Symbol.for("tenon.notebook");
    const globals = globalThis as { [key: symbol]: unknown };
    const session = process.env["JPY_SESSION_NAME"];
    beforeEach(() => {
      const host: Partial<NotebookHost> = { version: 1, cellId: "c2", signal: new AbortController().signal };
      globals[symbol] = host;
      process.env["JPY_SESSION_NAME"] = join(folder, "study.ipynb");
    });
    afterEach(() => {
      delete globals[symbol];
      if (session === undefined) delete process.env["JPY_SESSION_NAME"];
      else process.env["JPY_SESSION_NAME"] = session;
    });

    it("tells the notebook and the cell, and its text without secrets", async () => {
      write("study.ipynb", {
        cells: [
          { id: "c1", source: "1 + 1" },
          { id: "c2", source: ["const apiKey = 'swordfish-7';\n", "await model.fit(table)"] },
        ],
      });
      const { source } = await captureEnvironment();
      assert.equal(source?.type, "NOTEBOOK");
      assert.equal(source.name, join(folder, "study.ipynb"));
      assert.equal(source.cellId, "c2");
      assert.equal(source.cellText, "const apiKey = '[redacted:secret]';\nawait model.fit(table)");
      assert.match(source.sha256 ?? "", /^[0-9a-f]{64}$/);
      const { artifacts, tags } = environmentRecord(await captureEnvironment());
      assert.equal(artifacts.find(({ file }) => file === "environment/cell.ts")?.text, source.cellText);
      assert.equal(tags["mlflow.source.type"], "NOTEBOOK");
      assert.equal(tags["tenon.cell.id"], "c2");
    });

    it("does without the file, a cell that isn't saved, and a broken file", async () => {
      const name = join(folder, "study.ipynb");
      assert.deepEqual(await runSource("c2"), { type: "NOTEBOOK", name, cellId: "c2" });
      for (const content of ["{", { cells: "none" }, { cells: [{ id: "other", source: "" }] }]) {
        write("study.ipynb", content);
        const source = await runSource("c2");
        assert.equal(source?.cellId, "c2");
        assert.equal(source.cellText, undefined);
      }
      delete process.env["JPY_SESSION_NAME"];
      assert.deepEqual(await runSource(undefined), { type: "NOTEBOOK", name: "notebook" });
    });
  });
});
