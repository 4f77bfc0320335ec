/** @file Jupyter's own test suite for kernels, in its current release and in the one that Debian 12 ships. */
import { join } from "node:path";
import { CommandFailedError, tryCommand } from "../support/run-command.ts";
import { type InteropSuite, parseSuiteResult } from "./interop-suite.ts";
import { kernelEnvironment } from "./kernel-environment.ts";

function suite(name: string, version: string, about: string): InteropSuite {
  return {
    name,
    about,
    peer: `jupyter_kernel_test ${version}`,
    async run() {
      const { python, env } = await kernelEnvironment(name);
      const test = join(import.meta.dirname, "jupyter-kernel-test/test_tenon.py");
      const { stdout, stderr } = await tryCommand(python, [test], { env, timeout: 150_000 });
      const result = parseSuiteResult(stdout);
      if (result === undefined)
        throw new CommandFailedError(`the suite ended early:\n${stderr.slice(-4000)}`);
      return result;
    },
  };
}

export const jupyterKernelTest: InteropSuite = suite(
  "jupyter-kernel-test",
  "0.7.0",
  "Jupyter's kernel test suite, every optional part configured",
);

export const jupyterKernelTestDebian: InteropSuite = suite(
  "jupyter-kernel-test-debian",
  "0.4.5 (Debian 12), jupyter_client 7.4.9",
  "the same with the versions that Debian ships",
);
