import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { kernelEntry, repositoryRoot } from "../kernel-fixture.ts";

/** A frontend that starts a kernel with a busy cell, prints the processes' ids, and never ends by itself. */
const frontend = (directory: string): string => `
import { KernelClient } from ${JSON.stringify(join(repositoryRoot, "jupyter/client.ts"))};
const client = await KernelClient.start({
  argv: ${JSON.stringify(kernelArgv(process.execPath, kernelEntry))},
  cwd: ${JSON.stringify(directory)},
  env: { XDG_DATA_HOME: ${JSON.stringify(directory)} },
});
for await (const output of client.execute("process.stdout.write(String(process.pid)); for (;;) {}")) {
  console.log(client.pid, output.text.trim());
}`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("kernel: orphans", () => {
  it("ends with all its processes when its frontend is killed, also with a busy cell", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tenon-orphan-"));
    const process_ = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", frontend(directory)],
      { cwd: repositoryRoot, stdio: ["ignore", "pipe", "inherit"] },
    );
    const [chunk] = (await once(process_.stdout, "data")) as [Buffer];
    const pids = chunk.toString().trim().split(" ").map(Number);
    assert.equal(pids.length, 2);
    assert.ok(pids.every(isAlive));
    process_.kill("SIGKILL");
    const deadline = Date.now() + 10_000;
    while (pids.some(isAlive) && Date.now() < deadline) await delay(50);
    assert.deepEqual(pids.filter(isAlive), []);
    await rm(directory, { recursive: true, force: true });
  });
});
