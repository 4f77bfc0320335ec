/** @file What the check ran on, for its report. */
import { readdirSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { env } from "onnxruntime-common";
import { tryCommand } from "../support/run-command.ts";

/** The lines of a report that name the machine. */
export async function describeMachine(): Promise<readonly string[]> {
  const query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"];
  const nvidia = await tryCommand("nvidia-smi", query, { cwd: "." }).catch(() => undefined);
  const gpu = nvidia?.code === 0 ? nvidia.stdout.trim().split("\n").join("; ") : "no nvidia-smi";
  const [processor] = cpus();
  return [
    `GPU          ${gpu}`,
    `devices      ${devices().join(", ") || "none"}`,
    `Vulkan       ${process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"] ?? "the system's drivers"}`,
    `processor    ${cpus().length} × ${processor?.model ?? "unknown"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `system       ${process.platform} ${process.arch}, kernel ${release()}`,
    `versions     Node ${process.versions.node}, ONNX Runtime ${env.versions.node ?? env.versions.common}`,
  ];
}

function devices(): readonly string[] {
  const named = (folder: string, pattern: RegExp): readonly string[] => {
    try {
      return readdirSync(folder)
        .filter((name) => pattern.test(name))
        .map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  };
  return [...named("/dev", /^nvidia\d|^dxg$/), ...named("/dev/dri", /^render/)];
}
