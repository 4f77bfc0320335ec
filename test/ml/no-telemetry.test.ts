/** @file ONNX Runtime keeps no device's name and sends nothing, whichever part of the library loads it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { tinyModel } from "../../cli/doctor/check-modules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

describe("telemetry of ONNX Runtime", function () {
  this.timeout(60_000);
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tenon-home-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** Runs a program as a person would, not as a build: ONNX Runtime sends nothing from builds. */
  async function program(code: string): Promise<string> {
    const file = join(home, "program.mts");
    writeFileSync(file, code);
    const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", file], {
      cwd: root,
      env: { PATH: process.env["PATH"], HOME: home },
    });
    return stdout + stderr;
  }
  const source = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  /** What programs have left in the home of their user. */
  const left = () =>
    readdirSync(home, { recursive: true, encoding: "utf8" }).filter((path) => /Microsoft|onnx/i.test(path));

  it("is off where a model runs in the program's own thread", async () => {
    const printed = await program(`
      import { Session } from ${source("ml/graph/runtime/session.ts")};
      const session = await Session.create(Buffer.from("${tinyModel}", "base64"));
      console.log(session.inputs.length, process.env.ORT_DISABLE_TELEMETRY);
      await session.close();`);
    assert.equal(printed.trim(), "1 1");
    assert.deepEqual(left(), []);
  });

  it("is off where one runs in a thread of the library's", async () => {
    const printed = await program(`
      import { tensor } from ${source("ml/graph/index.ts")};
      console.log(...(await tensor([1, 2]).add(1).data()));`);
    assert.equal(printed.trim(), "2 3");
    assert.deepEqual(left(), []);
  });

  it("is what the environment says where that says something", async () => {
    const printed = await program(`
      process.env.ORT_DISABLE_TELEMETRY = "true";
      await import(${source("ml/graph/runtime/session.ts")});
      console.log(process.env.ORT_DISABLE_TELEMETRY);`);
    assert.equal(printed.trim(), "true");
  });

  it("is told of where a thread that isn't the library's comes first", async () => {
    const printed = await program(`
      import { Worker } from "node:worker_threads";
      const code = 'import("tsx/esm/api").then(({ register }) => { register(); return import(${source("ml/graph/runtime/session.ts")}); })';
      new Worker(code, { eval: true });`);
    assert.match(printed, /TelemetryWarning: ONNX Runtime may send telemetry: .* ORT_DISABLE_TELEMETRY=1/);
  });
});
