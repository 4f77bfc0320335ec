/** @file Jupyter's servers, as suites start them. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { PythonEnvironment } from "../support/python-environment.ts";
import { CommandFailedError } from "../support/run-command.ts";

/** A running server. */
export interface JupyterServer {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** Starts `jupyter server` or `jupyter lab` on a loopback port, serving a folder. */
export async function startJupyterServer(
  program: "server" | "lab",
  { python, env }: PythonEnvironment,
  folder: string,
): Promise<JupyterServer> {
  const port = await freePort();
  const token = randomBytes(16).toString("hex");
  const url = `http://127.0.0.1:${port}/`;
  const options = [
    `--port=${port}`,
    "--ip=127.0.0.1",
    "--no-browser",
    "--allow-root",
    `--ServerApp.root_dir=${folder}`,
  ];
  const child = spawn(python, ["-m", "jupyter", program, ...options, `--IdentityProvider.token=${token}`], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-8000)));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(killer);
  };
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) break;
    const answers = await fetch(`${url}api/status?token=${token}`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return { url, token, stop };
    await delay(100);
  }
  await stop();
  throw new CommandFailedError(`the Jupyter server did not start:\n${log}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
