/**
 * @file Python virtual environments with pinned packages, under `build/venvs`, made once for each list of packages.
 *
 * An environment is complete when its stamp is there and names the list it was made from; any other is made anew.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./repository.ts";
import { CommandFailedError, runCommand } from "./run-command.ts";

/** A virtual environment that is ready for use. */
export interface PythonEnvironment {
  readonly directory: string;
  readonly python: string;
  /** The variables with which its programs find each other, without those that would lead them elsewhere. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The environment `name` with the packages of a requirements file.
 * @throws {CommandFailedError} where Python or pip fails.
 */
export async function pythonEnvironment(name: string, requirementsFile: string): Promise<PythonEnvironment> {
  const directory = join(repositoryRoot, "build/venvs", name);
  const requirements = readFileSync(requirementsFile, "utf8");
  const stamp = createHash("sha256").update(requirements).digest("hex");
  const stampFile = join(directory, "tenon-stamp");
  const python = join(directory, "bin/python");
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(join(directory, ".."), { recursive: true });
    await createEnvironment(directory);
    await runCommand(python, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "-r",
      requirementsFile,
    ]);
    writeFileSync(stampFile, stamp);
  }
  const env: Record<string, string> = {
    VIRTUAL_ENV: directory,
    PATH: `${join(directory, "bin")}:${process.env["PATH"] ?? ""}`,
    // Of its own: neither the user's settings nor their other kernels may take part.
    JUPYTER_CONFIG_DIR: join(directory, "jupyter-config"),
    JUPYTER_DATA_DIR: join(directory, "share/jupyter"),
    JUPYTER_RUNTIME_DIR: join(directory, "jupyter-runtime"),
    IPYTHONDIR: join(directory, "ipython"),
    JUPYTER_PLATFORM_DIRS: "1",
    PYTHONWARNINGS: "ignore::DeprecationWarning",
  };
  return { directory, python, env };
}

async function createEnvironment(directory: string): Promise<void> {
  try {
    await runCommand("python3", ["-m", "venv", directory]);
  } catch (error) {
    // Debian ships venv apart from Python.
    if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
      throw new CommandFailedError("python3 -m venv fails: install python3-venv", { cause: error });
    }
    rmSync(directory, { recursive: true, force: true });
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await runCommand("apt-get", ["update", "-q"], { env });
    await runCommand("apt-get", ["install", "-y", "-q", "--no-install-recommends", "python3-venv"], { env });
    await runCommand("python3", ["-m", "venv", directory]);
  }
}
