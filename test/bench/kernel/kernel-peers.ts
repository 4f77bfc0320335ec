/** @file The kernels that are compared, each as it is installed from its registry, with the code they are given. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { KernelClient } from "../../../jupyter/client.ts";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import { nodePackages } from "../../support/node-packages.ts";
import { pythonEnvironment } from "../../support/python-environment.ts";
import { repositoryRoot } from "../../support/repository.ts";

export type PeerName = "tenon" | "deno" | "tslab" | "ipykernel";

export interface KernelPeer {
  readonly name: PeerName;
  readonly version: string;
  readonly language: "typescript" | "python";
  start(): Promise<KernelClient>;
}

export const peerNames: readonly PeerName[] = ["tenon", "deno", "tslab", "ipykernel"];

const versions = { deno: "2.9.6", tslab: "1.0.22" };

const makers: Readonly<Record<PeerName, () => Promise<KernelPeer>>> = {
  tenon: async () => {
    const version = execFileSync("git", ["describe", "--always", "--dirty"], {
      cwd: repositoryRoot,
      encoding: "utf8",
    });
    const main = process.env["TENON_KERNEL"] ?? join(repositoryRoot, "dist/kernel/main.cjs");
    const argv = kernelArgv(process.execPath, main);
    return {
      name: "tenon",
      version: version.trim(),
      language: "typescript",
      start: () => KernelClient.start({ argv, cwd: repositoryRoot, interruptMode: "message" }),
    };
  },
  deno: async () => {
    // Named by platform: its install script, which would put the program in place, is not run.
    const platform = `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
    const folder = await nodePackages("deno", { deno: versions.deno, [platform]: versions.deno });
    const program = join(folder, "node_modules", platform, "deno");
    return signalled("deno", versions.deno, "typescript", [
      program,
      "jupyter",
      "--kernel",
      "--conn",
      "{connection_file}",
    ]);
  },
  tslab: async () => {
    const folder = await nodePackages("tslab", { tslab: versions.tslab });
    const program = join(folder, "node_modules/tslab/bin/tslab");
    const argv = [process.execPath, program, "kernel", "--config-path", "{connection_file}"];
    return signalled("tslab", versions.tslab, "typescript", argv);
  },
  ipykernel: async () => {
    const { python, env } = await pythonEnvironment("bench", join(import.meta.dirname, "requirements.txt"));
    const script = "import ipykernel, sys; print(ipykernel.__version__, 'Python', sys.version.split()[0])";
    const version = execFileSync(python, ["-c", script], { encoding: "utf8" }).trim();
    return signalled(
      "ipykernel",
      version,
      "python",
      [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      env,
    );
  },
};

/** Installs a kernel where it is not installed yet. */
export function kernelPeer(name: PeerName): Promise<KernelPeer> {
  return makers[name]();
}

function signalled(
  name: PeerName,
  version: string,
  language: KernelPeer["language"],
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): KernelPeer {
  return {
    name,
    version,
    language,
    start: () => KernelClient.start({ argv, env, cwd: repositoryRoot, interruptMode: "signal" }),
  };
}
