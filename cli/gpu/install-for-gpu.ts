/** @file `tenon gpu install`: asks, installs the CUDA provider, and says whether it computes. */
import { createInterface } from "node:readline/promises";
import { sessionProbe } from "../doctor/check-modules.ts";
import { probeModule, probeProgram } from "../doctor/probe.ts";
import type { GpuInstallOptions } from "../commands/gpu-install.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { findInstallation } from "../installation.ts";
import { Terminal } from "../terminal.ts";
import { type CudaProvider, cudaProvider, findArchive, knownArchives } from "./cuda-source.ts";
import { installCuda } from "./install-cuda.ts";

/** Runs the command. Throws {@link CommandFailure} where it can't do what it is for; Ctrl-C ends it with 130. */
export async function installForGpu({ yes = false, archive, sha256 }: GpuInstallOptions): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new CommandFailure(
      `ONNX Runtime has its CUDA provider for Linux x64, not for ${process.platform} ${process.arch}; WebGPU needs no installation`,
    );
  const driver = await probeProgram("nvidia-smi", [
    "--query-gpu=name,driver_version",
    "--format=csv,noheader",
  ]);
  if (!driver.ok)
    throw new CommandFailure(
      `no NVIDIA driver answers (nvidia-smi: ${driver.text}): install the driver first, or pass the GPU into this container`,
    );
  const { root } = findInstallation();
  const provider = cudaProvider(root);
  const hash = sha256 ?? (archive === undefined ? undefined : knownArchives[provider.version]);
  if (archive !== undefined && hash === undefined)
    throw new CommandFailure(
      `--archive needs --sha256: no archive for ONNX Runtime ${provider.version} is known`,
      exitCode.usage,
    );
  console.log(`GPU: ${driver.text.split("\n").join("; ")}`);
  if (!yes) await confirm(provider);
  const interruption = new AbortController();
  const onInterrupt = (): void => interruption.abort(new CommandFailure("interrupted", exitCode.interrupted));
  process.on("SIGINT", onInterrupt);
  try {
    await install(provider, archive, hash, interruption.signal);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
  await tryCuda(root);
}

async function confirm({ packageName, version, index, folder }: CudaProvider): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandFailure("there is nobody to ask: add --yes", exitCode.usage);
  const question = `Fetch ${packageName} ${version} (some 300 MB) as ${index} offers it, into ${folder}? [y/N] `;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    if (!/^y(es)?$/i.test((await asking.question(question)).trim()))
      throw new CommandFailure("nothing was installed");
  } finally {
    asking.close();
  }
}

async function install(
  provider: CudaProvider,
  path: string | undefined,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const terminal = new Terminal(process.stderr);
  const found =
    path !== undefined && sha256 !== undefined
      ? { url: path, path, hash: { algorithm: "sha256", hex: sha256.toLowerCase() } as const }
      : await findArchive(provider, sha256, signal);
  if (path === undefined) console.log(`Fetching ${found.url}`);
  let shown = 0;
  await installCuda(
    provider,
    found,
    (bytes, total) => {
      const megabytes = Math.floor(bytes / 1e6);
      if (!terminal.interactive || megabytes === shown) return;
      shown = megabytes;
      terminal.write(`\r${megabytes}${total === undefined ? "" : ` of ${Math.ceil(total / 1e6)}`} MB`);
    },
    signal,
  ).finally(() => {
    if (shown > 0) terminal.line();
  });
  console.log(`Verified (${found.hash.algorithm}) and installed in ${provider.folder}`);
}

async function tryCuda(root: string): Promise<void> {
  const result = await probeModule(sessionProbe("cuda"), root);
  if (result.ok) {
    console.log("A model ran on CUDA.");
    return;
  }
  throw new CommandFailure(
    `the provider is installed, but no model runs on it: ${result.text.replace(/^.* was false\. /, "")}. It needs CUDA (12 for what is fetched, 13 for the wheel) and cuDNN 9 where the dynamic linker finds them (LD_LIBRARY_PATH)`,
  );
}
