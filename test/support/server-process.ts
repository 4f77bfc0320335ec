/** @file A server that runs as a process of its own for as long as it is needed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start to the first answer. */
  readonly startTime: number;
  stop(): Promise<void>;
}

/** Starts a server on a free port; resolves when `/health` answers. Rejects with its last words where it ends before that. */
export async function startServerProcess(
  command: string,
  args: (port: string) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  const child = spawn(command, args(port), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    // Some servers start workers, which end with their group.
    detached: true,
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-2000);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} does not start`);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    process.kill(-pid, "SIGTERM");
    const late = globalThis.setTimeout(() => process.kill(-pid, "SIGKILL"), 10_000);
    await closed;
    clearTimeout(late);
  };
  for (const until = performance.now() + 90_000; ; await setTimeout(10)) {
    if (child.exitCode !== null) throw new Error(`${command} has ended: ${words}`);
    if (await isHealthy(url)) return { url, pid, startTime: performance.now() - begin, stop };
    if (performance.now() > until) {
      await stop();
      throw new Error(`${url} gives no answer: ${words}`);
    }
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // SAFETY: a server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
