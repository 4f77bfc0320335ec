/** @file A Python environment in which our built kernel is installed as the kernelspec `tenon`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type PythonEnvironment, pythonEnvironment } from "../support/python-environment.ts";
import { repositoryRoot } from "../support/repository.ts";
import { CommandFailedError, runCommand } from "../support/run-command.ts";

/** The environment of a suite, by the name of its folder. */
export async function kernelEnvironment(suite: string): Promise<PythonEnvironment> {
  const cli = join(repositoryRoot, "dist/cli/main.js");
  if (!existsSync(cli)) throw new CommandFailedError("the kernel is not built: npm run build");
  const environment = await pythonEnvironment(suite, join(import.meta.dirname, suite, "requirements.txt"));
  await runCommand(process.execPath, [cli, "kernel", "install", "--prefix", environment.directory]);
  return environment;
}
