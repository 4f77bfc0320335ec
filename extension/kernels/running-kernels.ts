/** @file The kernels that run on this machine: those of notebooks in VS Code, and those of Jupyter's own programs. */
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseConnectionInfo } from "../../jupyter/connection-file.ts";
import { runtimeDir } from "../../jupyter/kernelspec.ts";
import type { KernelRecords } from "./kernel-records.ts";

export interface RunningKernel {
  readonly connectionFile: string;
  /** The URI of the notebook in VS Code that it was started for. */
  readonly notebook: string | undefined;
  /** When it was started. */
  readonly started: Date;
}

/** Milliseconds that a kernel has to answer a heartbeat. */
const patience = 1000;

/** Those that answer, newest first. */
export async function runningKernels(records: KernelRecords | undefined): Promise<readonly RunningKernel[]> {
  const own = (records?.running() ?? []).map(({ notebook, connectionFile }) => ({
    notebook,
    connectionFile,
  }));
  const others = (await connectionFiles()).map((connectionFile) => ({ notebook: undefined, connectionFile }));
  const found = await Promise.all(
    [...own, ...others].map(async ({ notebook, connectionFile }) => {
      const started = await whenAlive(connectionFile);
      return started === undefined ? [] : [{ notebook, connectionFile, started }];
    }),
  );
  return found.flat().sort((a, b) => b.started.getTime() - a.started.getTime());
}

/** Ends a kernel that runs elsewhere. @throws {KernelStartError} where it does not answer */
export async function shutDownKernel(connectionFile: string): Promise<void> {
  const { KernelClient } = await import("../../jupyter/client.ts");
  const client = await KernelClient.connect(connectionFile, { timeout: 5000 });
  await client.shutdown();
}

async function connectionFiles(): Promise<readonly string[]> {
  const folder = runtimeDir();
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^kernel-.*\.json$/.test(name)).map((name) => join(folder, name));
}

async function whenAlive(connectionFile: string): Promise<Date | undefined> {
  try {
    const { mtime } = await stat(connectionFile);
    const info = parseConnectionInfo(await readFile(connectionFile, "utf8"));
    const { Heartbeat } = await import("../../jupyter/client-heartbeat.ts");
    const heartbeat = new Heartbeat(info);
    try {
      await heartbeat.beat(patience);
      return mtime;
    } finally {
      heartbeat.close();
    }
  } catch {
    return undefined;
  }
}
