import assert from "node:assert/strict";
import { access, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CliFolder } from "./cli-fixture.ts";

const root = dirname(dirname(import.meta.dirname));

describe("tenon", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
  });
  afterEach(() => folder.remove());

  const commands = [
    [],
    ["run"],
    ["export"],
    ["export", "html"],
    ["export", "ts"],
    ["import"],
    ["types"],
    ["data"],
    ["data", "validate"],
    ["data", "infer"],
    ["data", "profile"],
    ["data", "compare"],
    ["data", "snapshot"],
    ["data", "list"],
    ["data", "diff"],
    ["data", "checkout"],
    ["data", "models"],
    ["data", "gc"],
    ["kernel"],
    ["kernel", "install"],
    ["kernel", "list"],
    ["kernel", "uninstall"],
    ["gpu"],
    ["gpu", "install"],
    ["image"],
    ["image", "build"],
    ["image", "archive"],
    ["image", "modelpack"],
    ["image", "push"],
    ["sign"],
    ["verify"],
    ["encrypt"],
    ["decrypt"],
    ["doctor"],
  ];
  for (const command of commands) {
    it(`${["tenon", ...command].join(" ")} --help`, async () => {
      const { code, stdout, stderr } = await folder.run([...command, "--help"]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.ok(stdout.startsWith(`Usage: ${["tenon", ...command].join(" ")} `), stdout);
      // Groups of commands show their commands in place of examples.
      assert.match(stdout, /Examples:|Commands:/);
    });
  }

  it("--version", async () => {
    const manifest = v.parse(
      v.looseObject({ version: v.string() }),
      JSON.parse(await readFile(join(root, "package.json"), "utf8")),
    );
    const { code, stdout } = await folder.run(["--version"]);
    assert.deepEqual([code, stdout.trim()], [0, manifest.version]);
  });

  it("a wrong command line ends with 2 and a hint", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["rnu"], /unknown command 'rnu'/],
      [["run"], /missing required argument 'notebook'/],
      [["run", "a.ipynb", "--tiemout", "3"], /unknown option '--tiemout'[^]*--timeout/],
      [["run", "a.ipynb", "--timeout", "soon"], /number of seconds/],
      [["run", "a.ipynb", "b.ipynb"], /too many arguments/],
      [["image", "build", "app", "-o", "x", "--expose", "http", "--", "node"], /whole number from 1 up/],
      [["kernel", "install", "--user", "--prefix", "x"], /cannot be used with/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await folder.run(args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, message);
    }
  });

  it("kernel install, list and uninstall", async () => {
    const prefix = join(folder.path, "prefix");
    const kernels = join(prefix, "share", "jupyter", "kernels");
    assert.equal((await folder.run(["kernel", "install", "--prefix", prefix])).code, 0);
    assert.deepEqual((await readdir(join(kernels, "tenon"))).sort(), [
      "kernel.json",
      "logo-32x32.png",
      "logo-64x64.png",
      "logo-svg.svg",
    ]);
    const spec = v.parse(
      v.looseObject({ argv: v.array(v.string()) }),
      JSON.parse(await readFile(join(kernels, "tenon", "kernel.json"), "utf8")),
    );
    assert.deepEqual(spec.argv, [
      process.execPath,
      "--max-semi-space-size=8",
      join(root, "dist", "kernel", "main.cjs"),
      "{connection_file}",
    ]);

    const listed = await folder.run(["kernel", "list", "--prefix", prefix, "--json"]);
    const rows = v.parse(
      v.array(v.looseObject({ name: v.string(), tenon: v.boolean(), missing: v.nullable(v.string()) })),
      JSON.parse(listed.stdout),
    );
    const ours = rows.find(({ name }) => name === "tenon");
    assert.deepEqual([ours?.tenon, ours?.missing], [true, null]);

    assert.equal((await folder.run(["kernel", "uninstall", "--prefix", prefix])).code, 0);
    await assert.rejects(access(join(kernels, "tenon")));
    assert.equal((await folder.run(["kernel", "uninstall", "--prefix", prefix])).code, 1);
  });

  it("kernel install goes to the user's directory where no other is named", async () => {
    assert.equal((await folder.run(["kernel", "install", "--name", "tenon-test"])).code, 0);
    await access(join(folder.path, ".jupyter", "kernels", "tenon-test", "kernel.json"));
  });

  it("kernel uninstall leaves another program's kernel alone", async () => {
    const directory = join(folder.path, ".jupyter", "kernels", "python3");
    await mkdir(directory, { recursive: true });
    const spec = { argv: ["python"], display_name: "Python 3", language: "python" };
    await writeFile(join(directory, "kernel.json"), JSON.stringify(spec));
    const { code, stderr } = await folder.run(["kernel", "uninstall", "--name", "python3"]);
    assert.equal(code, 1);
    assert.match(stderr, /another program's kernel \(Python 3\)/);
    await access(join(directory, "kernel.json"));
  });

  it("kernel list marks a kernel whose program is gone", async () => {
    const directory = join(folder.path, ".jupyter", "kernels", "tenon");
    await mkdir(directory, { recursive: true });
    const argv = [process.execPath, "/gone/dist/kernel/main.cjs", "{connection_file}"];
    const spec = { argv, display_name: "TypeScript (Tenon)", language: "typescript" };
    await writeFile(join(directory, "kernel.json"), JSON.stringify(spec));
    const { stdout } = await folder.run(["kernel", "list"]);
    assert.match(stdout, /\* tenon/);
    assert.match(stdout, /broken: \/gone\/dist\/kernel\/main\.cjs does not exist/);
  });

  it("doctor finds the essentials and gives advice for whatever is not well", async () => {
    const { code, stdout } = await folder.run(["doctor", "--json"]);
    const report = v.parse(
      v.looseObject({
        healthy: v.boolean(),
        findings: v.array(
          v.looseObject({
            group: v.string(),
            name: v.string(),
            status: v.picklist(["ok", "warning", "missing"]),
            detail: v.string(),
            advice: v.optional(v.string()),
            essential: v.boolean(),
          }),
        ),
      }),
      JSON.parse(stdout),
    );
    assert.deepEqual([code, report.healthy], [0, true], stdout);
    for (const finding of report.findings) {
      assert.equal(finding.advice === undefined, finding.status === "ok", JSON.stringify(finding));
      if (finding.essential) assert.equal(finding.status, "ok", JSON.stringify(finding));
    }
    const names = new Set(report.findings.map(({ name }) => name));
    for (const name of [
      "Node.js",
      "zeromq",
      "onnxruntime-node",
      "typescript",
      "kernel",
      "memory",
      "kernelspec",
    ]) {
      assert.ok(names.has(name), name);
    }
  });
});
