/** @file A real kernel for tests: the built one, over ZeroMQ, in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KernelClient } from "../../jupyter/client.ts";
import type { ExecuteReply } from "../../jupyter/client-replies.ts";
import type { OutputMessage } from "../../jupyter/output-message.ts";
import { kernelArgv } from "../../jupyter/kernelspec.ts";

export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const kernelEntry = join(repositoryRoot, "dist", "kernel", "main.cjs");

/** A started kernel and the empty folder that it runs in. */
export interface TestKernel {
  readonly client: KernelClient;
  readonly directory: string;
  /** Ends the kernel and removes the folder. */
  stop(): Promise<void>;
}

export interface TestKernelOptions {
  readonly directory?: string;
  readonly encrypt?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built kernel; its history goes into the folder, not to the user's. */
export async function startKernel(options: TestKernelOptions = {}): Promise<TestKernel> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "tenon-kernel-")));
  const client = await KernelClient.start({
    argv: kernelArgv(process.execPath, kernelEntry),
    cwd: directory,
    env: { XDG_DATA_HOME: join(directory, ".data"), ...options.env },
    encrypt: options.encrypt,
  });
  const stop = async (): Promise<void> => {
    await client.close();
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  return { client, directory, stop };
}

/** What a cell did, in a form that assertions read well. */
export interface CellRun {
  readonly reply: ExecuteReply;
  readonly outputs: readonly OutputMessage[];
  readonly stdout: string;
  readonly stderr: string;
  /** The result's text/plain. */
  readonly result: unknown;
  readonly error: { readonly ename: string; readonly evalue: string; readonly traceback: string } | undefined;
}

/** Runs a cell to its end. */
export async function runCell(
  client: KernelClient,
  code: string,
  options: Parameters<KernelClient["execute"]>[1] = {},
): Promise<CellRun> {
  const { reply, outputs } = await client.execute(code, options).result();
  return summarise(reply, outputs);
}

/** Sums up a cell's outputs. */
export function summarise(reply: ExecuteReply, outputs: readonly OutputMessage[]): CellRun {
  let stdout = "";
  let stderr = "";
  let result: unknown;
  let error: CellRun["error"];
  for (const output of outputs) {
    if (output.type === "stream" && output.name === "stdout") stdout += output.text;
    if (output.type === "stream" && output.name === "stderr") stderr += output.text;
    if (output.type === "execute_result") result = output.data["text/plain"];
    if (output.type === "error") {
      error = {
        ename: output.ename,
        evalue: output.evalue,
        traceback: stripAnsi(output.traceback.join("\n")),
      };
    }
  }
  return { reply, outputs, stdout, stderr, result, error };
}

export function stripAnsi(text: string): string {
  // oxlint-disable-next-line no-control-regex -- colour codes start with the escape character
  return text.replaceAll(/\u001B\[[\d;]*m/g, "");
}
