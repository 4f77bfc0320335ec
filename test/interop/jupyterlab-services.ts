/** @file JupyterLab's own client, @jupyterlab/services, against a running Jupyter server. */
import { join } from "node:path";
import { nodePackages } from "../support/node-packages.ts";
import { CommandFailedError, tryCommand } from "../support/run-command.ts";
import { type InteropSuite, parseSuiteResult } from "./interop-suite.ts";
import { startJupyterServer } from "./jupyter-server.ts";
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
      const server = await startJupyterServer("server", environment, folder);
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
