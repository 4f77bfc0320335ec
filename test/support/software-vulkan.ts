/** @file Vulkan drivers that run on the processor: SwiftShader, which Chromium brings with it, and Mesa's lavapipe. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";

const folders = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];

/** The environment in which programs find SwiftShader as their only Vulkan driver; undefined where there is none. */
export function softwareVulkan(): Readonly<Record<string, string>> | undefined {
  const folder = folders.find((each) =>
    ["vk_swiftshader_icd.json", "libvulkan.so.1"].every((file) => existsSync(join(each, file))),
  );
  if (folder === undefined) return undefined;
  return { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: folder };
}

/**
 * The environment in which programs find lavapipe, which computes float16 where SwiftShader doesn't: the one that
 * `VK_DRIVER_FILES` names, else the system's. Undefined where there is none. WebGPU refuses Mesa 22, which is Debian 12's;
 * its backports' 25 works.
 */
export function lavapipe(): Readonly<Record<string, string>> | undefined {
  const named = (process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"] ?? "").split(":");
  const installed = ["lvp_icd.json", "lvp_icd.x86_64.json"].map((name) => `/usr/share/vulkan/icd.d/${name}`);
  const driver = [...named, ...installed].find(
    (file) => basename(file).startsWith("lvp") && existsSync(file),
  );
  if (driver === undefined) return undefined;
  // Without a path of one's own, Chromium's loader serves where the system has none.
  const path = process.env["LD_LIBRARY_PATH"] ?? softwareVulkan()?.["LD_LIBRARY_PATH"];
  return { VK_ICD_FILENAMES: driver, ...(path !== undefined && { LD_LIBRARY_PATH: path }) };
}
