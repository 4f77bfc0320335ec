/** @file A Vulkan driver that runs on the processor: SwiftShader, which Chromium brings with it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const folders = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];

/** The environment in which programs find SwiftShader as their only Vulkan driver; undefined where there is none. */
export function softwareVulkan(): Readonly<Record<string, string>> | undefined {
  const folder = folders.find((each) =>
    ["vk_swiftshader_icd.json", "libvulkan.so.1"].every((file) => existsSync(join(each, file))),
  );
  if (folder === undefined) return undefined;
  return { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: folder };
}
