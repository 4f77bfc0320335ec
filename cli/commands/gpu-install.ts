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
    .option("--archive <file>", "take the package from this file instead of fetching it; needs --sha256")
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
  tenon gpu install --archive onnxruntime-gpu.nupkg --sha256 HEX

CUDA 12 and cuDNN 9 themselves are the system's. Ctrl-C leaves nothing behind.`,
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
