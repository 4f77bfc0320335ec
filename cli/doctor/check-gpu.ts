/** @file Checks the graphics processors: which there are, and which of ONNX Runtime's backends really run on them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Installation } from "../installation.ts";
import { sessionProbe } from "./check-modules.ts";
import type { Finding } from "./finding.ts";
import { type ProbeResult, probeModule, probeProgram } from "./probe.ts";

/** The devices and the backends; none of them is essential. */
export async function checkGpu({ root }: Installation): Promise<Finding[]> {
  const nvidia = await probeProgram("nvidia-smi", [
    "--query-gpu=name,memory.total,driver_version",
    "--format=csv,noheader",
  ]);
  const render = process.platform === "linux" ? listing(["/dev/dri"], /^renderD/) : [];
  const vulkan =
    process.platform === "linux"
      ? listing(["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"], /\.json$/)
      : [];
  return [
    describeDevices(nvidia, render),
    ...(process.platform === "linux" ? [describeVulkan(vulkan)] : []),
    ...(await checkBackends(root, nvidia.ok)),
  ];
}

function describeDevices(nvidia: ProbeResult, render: readonly string[]): Finding {
  const common = { group: "GPU", name: "devices", essential: false } as const;
  if (nvidia.ok) return { ...common, status: "ok", detail: nvidia.text.split("\n").join("; ") };
  if (render.length > 0) return { ...common, status: "ok", detail: render.join(", ") };
  if (process.platform !== "linux") return { ...common, status: "ok", detail: "left to the system" };
  return {
    ...common,
    status: "warning",
    detail: "none found (no nvidia-smi, nothing in /dev/dri)",
    advice:
      "training runs on the CPU; for a GPU install its driver, and in a container pass the device through",
  };
}

function describeVulkan(drivers: readonly string[]): Finding {
  const common = { group: "GPU", name: "Vulkan drivers", essential: false } as const;
  if (drivers.length > 0) return { ...common, status: "ok", detail: drivers.join(", ") };
  return {
    ...common,
    status: "warning",
    detail: "none",
    advice:
      "the webgpu backend needs one (`tenon gpu` tries it): install the GPU's driver, or mesa-vulkan-drivers",
  };
}

const listProbe = `
  import { listSupportedBackends } from "onnxruntime-node";
  console.log(listSupportedBackends().map(({ name }) => name).join(","));
  process.exit(0);`;

async function checkBackends(root: string, hasNvidia: boolean): Promise<Finding[]> {
  const listed = await probeModule(listProbe, root);
  const names = listed.ok ? listed.text.split(",").filter((name) => name !== "cpu" && name !== "") : [];
  const findings: Finding[] = [];
  for (const name of names) {
    const result = await probeModule(sessionProbe(name), root);
    findings.push(describeBackend(name, result, hasNvidia));
  }
  return findings;
}

function describeBackend(name: string, result: ProbeResult, hasNvidia: boolean): Finding {
  const common = { group: "GPU", name: `${name} backend`, essential: false } as const;
  if (result.ok) return { ...common, status: "ok", detail: "a model ran on it" };
  // Without the device nothing is missing.
  const forNvidia = name === "cuda" || name === "tensorrt";
  if (forNvidia && !hasNvidia) return { ...common, status: "ok", detail: "not used: no NVIDIA GPU" };
  // ONNX Runtime puts its own source location and the failed condition first.
  const detail = result.text.replace(/^.* was false\. /, "");
  return { ...common, status: "warning", detail, advice: backendAdvice(name) };
}

function backendAdvice(name: string): string {
  if (name === "cuda" || name === "tensorrt") {
    return "install CUDA 12 and cuDNN 9, then run `tenon gpu install`, which fetches the provider and tries it";
  }
  return "models run on the CPU; the backend needs a GPU with a working driver";
}

function listing(directories: readonly string[], pattern: RegExp): string[] {
  return directories.flatMap((directory) => {
    try {
      return readdirSync(directory)
        .filter((name) => pattern.test(name))
        .map((name) => join(directory, name));
    } catch {
      return [];
    }
  });
}
