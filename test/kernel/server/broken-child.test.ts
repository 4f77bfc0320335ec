import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createConnectionInfo } from "../../../jupyter/connection-file.ts";
import { kernelEntry, repositoryRoot } from "../kernel-fixture.ts";

describe("kernel: an installation that is broken", () => {
  it("ends with a reason where the process that runs cells cannot start", async () => {
    // Within the repository, so that packages are found.
    await mkdir(join(repositoryRoot, "build"), { recursive: true });
    const folder = await mkdtemp(join(repositoryRoot, "build", "broken-"));
    try {
      await cp(dirname(kernelEntry), join(folder, "dist", "kernel"), { recursive: true });
      await cp(join(repositoryRoot, "package.json"), join(folder, "package.json"));
      await writeFile(join(folder, "dist", "kernel", "child.cjs"), "process.exit(7);");
      const connectionFile = join(folder, "connection.json");
      await writeFile(connectionFile, JSON.stringify(await createConnectionInfo()));
      const kernel = spawn(process.execPath, [join(folder, "dist", "kernel", "main.cjs"), connectionFile], {
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let log = "";
      kernel.stderr.on("data", (chunk: Buffer) => {
        log += chunk.toString();
      });
      const [code] = (await once(kernel, "close")) as [number | null];
      assert.equal(code, 1);
      assert.match(log, /does not start: .*7.*tenon doctor/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
