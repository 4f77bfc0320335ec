/** @file `jupyter console`, typed into through a pseudo-terminal. */
import { join } from "node:path";
import { CommandFailedError, tryCommand } from "../support/run-command.ts";
import { type InteropSuite, parseSuiteResult } from "./interop-suite.ts";
import { kernelEnvironment } from "./kernel-environment.ts";

export const jupyterConsole: InteropSuite = {
  name: "jupyter-console",
  about: "`jupyter console`: results, output, errors, input, interrupt, completion",
  peer: "jupyter_console 6.6.3",
  async run() {
    const { python, env } = await kernelEnvironment("jupyter-console");
    const script = join(import.meta.dirname, "jupyter-console/drive_console.py");
    const { stdout, stderr } = await tryCommand(python, [script], { env, timeout: 170_000 });
    const result = parseSuiteResult(stdout);
    if (result === undefined) throw new CommandFailedError(`the suite ended early:\n${stderr.slice(-4000)}`);
    return result;
  },
};
