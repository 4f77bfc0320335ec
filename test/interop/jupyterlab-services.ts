/** @file JupyterLab's own client, @jupyterlab/services, against a running Jupyter server. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { nodePackages } from "../support/node-packages.ts";
import type { PythonEnvironment } from "../support/python-environment.ts";
import { CommandFailedError, tryCommand } from "../support/run-command.ts";
import { type InteropSuite, parseSuiteResult } from "./interop-suite.ts";
import { kernelEnvironment } from "./kernel-environment.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const versions = { "@jupyterlab/services": "7.6.6", ws: "8.18.3" };

export const jupyterlabServices: InteropSuite = {
  name: "jupyterlab-services",
  about:
    "JupyterLab's client through a Jupyter server: sessions, cells, comms, debugger, interrupt, restart, subshells",
  peer: `@jupyterlab/services ${versions["@jupyterlab/services"]}, jupyter_server 2.21.1`,
  run: () =>
    withScratchFolder(async (folder) => {
      const environment = await kernelEnvironment("jupyterlab-services");
      const packages = await nodePackages("jupyterlab-services", versions);
      const server = await startServer(environment, folder);
      try {
        const script = join(import.meta.dirname, "jupyterlab-services/drive-services.mjs");
        const args = [script, server.url, server.token, packages];
        const { stdout, stderr } = await tryCommand(process.execPath, args, { timeout: 170_000 });
        const result = parseSuiteResult(stdout);
        if (result === undefined)
          throw new CommandFailedError(`the suite ended early:\n${stderr.slice(-4000)}`);
        return result;
      } finally {
        await server.stop();
      }
    }),
};

interface JupyterServer {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

async function startServer({ python, env }: PythonEnvironment, folder: string): Promise<JupyterServer> {
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
  const child = spawn(python, ["-m", "jupyter", "server", ...options, `--IdentityProvider.token=${token}`], {
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
