/** @file Which backend is chosen, and what is said when one does not work: in processes, with packages as they may be. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../../support/repository.ts";
import { type CommandResult, tryCommand } from "../../support/run-command.ts";
import { softwareVulkan } from "../../support/software-vulkan.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

describe("tensorflow()", function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-tf-"));
    // The library on its own, so that only what the folder has installed is there.
    cpSync(join(repositoryRoot, "ml/tf"), join(folder, "ml/tf"), { recursive: true });
    cpSync(join(repositoryRoot, "ml/find-package.ts"), join(folder, "ml/find-package.ts"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function install(...names: string[]): void {
    for (const name of names) {
      const target = join(folder, "node_modules", name);
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(join(repositoryRoot, "node_modules", name), target);
    }
  }

  /** A package of the user's, made of CommonJS code. */
  function write(name: string, code: string): void {
    const target = join(folder, "node_modules", name);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, "package.json"), `{"name":"${name}","version":"4.22.0","main":"main.cjs"}`);
    writeFileSync(join(target, "main.cjs"), code);
  }

  async function run(code: string, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const program = `import { tensorflow } from "./ml/tf/index.ts";\n${code}`;
    writeFileSync(join(folder, "program.ts"), program);
    return await tryCommand(process.execPath, ["--import", tsx, "program.ts"], { cwd: folder, env });
  }

  const printBackend = `console.log((await tensorflow()).getBackend());`;
  const printError = (options = ""): string =>
    `await tensorflow(${options}).catch((error) => console.log(error.name + ": " + error.message));`;

  it("gives the one command when nothing is installed", async () => {
    const { stdout } = await run(printError());
    assert.equal(
      stdout,
      "PackageMissingError: @tensorflow/tfjs is not installed; run: npm install @tensorflow/tfjs@4.22.0\n",
    );
  });

  it("gives the command for the backend that was asked for", async () => {
    install("@tensorflow/tfjs");
    const { stdout } = await run(printError('{ backend: "webgpu" }'));
    assert.match(
      stdout,
      /^PackageMissingError: @tensorflow\/tfjs-backend-webgpu and webgpu are not installed; run: /,
    );
    assert.match(
      stdout,
      /npm install @tensorflow\/tfjs@4.22.0 @tensorflow\/tfjs-backend-webgpu@4.22.0 webgpu@0.6.2$/m,
    );
  });

  it("takes plain JavaScript and says how to leave it", async () => {
    install("@tensorflow/tfjs");
    const { stdout, stderr } = await run(printBackend + printBackend);
    assert.equal(stdout, "cpu\ncpu\n");
    assert.match(stderr, /^TensorFlow.js runs in plain JavaScript.*tfjs-backend-wasm@4.22.0\n$/);
  });

  it("prefers WebAssembly, in silence, also where WebGPU has no adapter", async () => {
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu", "webgpu");
    const { stdout, stderr } = await run(printBackend, { VK_ICD_FILENAMES: "/nonexistent" });
    assert.deepEqual([stdout, stderr], ["wasm\n", ""]);
  });

  it("says that WebGPU has no adapter when that was asked for", async () => {
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-webgpu", "webgpu");
    const { stdout } = await run(printError('{ backend: "webgpu" }'), { VK_ICD_FILENAMES: "/nonexistent" });
    assert.match(stdout, /^AdapterMissingError: WebGPU finds no adapter on this machine/);
  });

  it("leaves an adapter that the processor simulates to those who ask for it", async function () {
    const env = softwareVulkan();
    if (env === undefined) {
      if (process.env["TENON_REQUIRE_BROWSER"] === "1")
        throw new Error("no SwiftShader found: install Chromium");
      console.log("      skipped: no SwiftShader found: install Chromium");
      this.skip();
    }
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu", "webgpu");
    const named = `console.log((await tensorflow({ backend: "webgpu" })).getBackend());`;
    const { stdout, stderr } = await run(printBackend + named + printBackend, env);
    assert.deepEqual([stdout, stderr], ["wasm\nwebgpu\nwasm\n", ""]);
  });

  it("goes on without a native TensorFlow that does not load, and says so", async () => {
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm");
    write("@tensorflow/tfjs-node", 'throw new Error("The native addon module can not be found");');
    const { stdout, stderr } = await run(printBackend + printError('{ backend: "node" }'));
    assert.match(
      stderr,
      /^TensorFlow.js: the backend "node" does not work: .* does not load: The native addon/,
    );
    assert.match(stdout, /^wasm\nBackendError: .*tfjs-node.* does not load: The native addon/);
  });

  it("prefers native TensorFlow, and gives it the functions that Node 23 removed", async () => {
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm");
    // What the native package does when it is loaded, on the kernels of the cpu backend.
    write(
      "@tensorflow/tfjs-node",
      `const util = require("util");
       if (!util.isNullOrUndefined(undefined) || util.isNullOrUndefined(0) || !util.isArray([])) throw new Error("no tests of types");
       const tf = module.exports = require("@tensorflow/tfjs");
       tf.registerBackend("tensorflow", () => new tf.MathBackendCPU(), 3);
       tf.copyRegisteredKernels("cpu", "tensorflow");`,
    );
    const asNode23 = `import util from "node:util"; delete util.isNullOrUndefined; delete util.isArray;`;
    const { stdout, stderr } = await run(asNode23 + printBackend);
    assert.equal(stdout, "tensorflow\n", stderr);
  });

  it("does not use a backend that computes wrong numbers", async () => {
    install("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm");
    write(
      "@tensorflow/tfjs-node",
      `const tf = module.exports = require("@tensorflow/tfjs");
       tf.registerBackend("tensorflow", () => new tf.MathBackendCPU(), 3);
       tf.copyRegisteredKernels("cpu", "tensorflow");
       tf.unregisterKernel("Relu", "tensorflow");
       tf.registerKernel({ ...tf.getKernel("Identity", "cpu"), kernelName: "Relu", backendName: "tensorflow" });`,
    );
    const { stdout, stderr } = await run(printBackend);
    assert.match(stderr, /"node" does not work: the backend "tensorflow" computes wrong numbers/);
    assert.equal(stdout, "wasm\n");
  });

  it("refuses a name that is no backend", async () => {
    const { stdout } = await run(printError('{ backend: "tpu" as "cpu" }'));
    assert.match(stdout, /^BackendError: there is no backend "tpu"; there are "node-gpu", "node", "webgpu"/);
  });
});
