/** @file `tenon gpu install` */
import { Command, InvalidArgumentError } from "commander";

export interface GpuInstallOptions {
  readonly yes?: boolean;
  readonly archive?: string;
  readonly sha256?: string;
}

export function gpuInstallCommand(): Command {
  return new Command("install")
    .description("Fetch ONNX Runtime's CUDA provider for NVIDIA GPUs (Linux x64), verify it, and try it.")
    .option("-y, --yes", "do not ask")
    .option(
      "--archive <file>",
      "take the provider from this package instead of fetching one; without --sha256, Python's wheel for CUDA 13",
    )
    .option(
      "--sha256 <hex>",
      "what the package must hash to, instead of the hash that its feed publishes",
      sha256,
    )
    .addHelpText(
      "after",
      `
Examples:
  tenon gpu install
  tenon gpu install --yes
  pip download --no-deps --python-version 3.12 --only-binary=:all: onnxruntime-gpu==1.30.0
  tenon gpu install --archive onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl
  tenon gpu install --archive onnxruntime-gpu.nupkg --sha256 HEX

CUDA and cuDNN 9 themselves are the system's: CUDA 12 for what is fetched, CUDA 13 for the wheel. Ctrl-C leaves
nothing behind.`,
    )
    .action(async (options: GpuInstallOptions) => {
      const { installForGpu } = await import("../gpu/install-for-gpu.ts");
      await installForGpu(options);
    });
}

function sha256(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError("64 hexadecimal digits are a SHA-256.");
  return text;
}
