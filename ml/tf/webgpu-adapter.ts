/** @file Whether WebGPU finds an adapter on this machine. */
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { AdapterMissingError, BackendError } from "./errors.ts";
import { firstLine } from "./packages.ts";

// Looked for in a process of its own: the libraries of drivers write to stderr, and a broken one ends its process.
const probe = `
  const { create } = await import(process.argv[1]);
  const adapter = await create([]).requestAdapter({ powerPreference: "high-performance" });
  process.stdout.write("adapter: " + (adapter === null ? "none" : adapter.info.isFallbackAdapter ? "software" : "hardware"));
`;

/**
 * Finds out what kind of adapter the `webgpu` package at a path has on this machine: hardware, or software that
 * simulates one on the processor.
 * @throws {@link AdapterMissingError} when it has none
 * @throws {@link BackendError} when it cannot even be asked
 */
export async function findAdapter(path: string): Promise<"hardware" | "software"> {
  let output: string;
  try {
    const args = ["--input-type=module", "--eval", probe, pathToFileURL(path).href];
    output = (await promisify(execFile)(process.execPath, args, { timeout: 30_000 })).stdout;
  } catch (cause) {
    throw new BackendError(`webgpu does not work: ${firstLine(cause)}`, { cause });
  }
  const kind = /adapter: (none|software|hardware)$/.exec(output)?.[1];
  if (kind === "hardware" || kind === "software") return kind;
  if (kind === "none")
    throw new AdapterMissingError(
      "WebGPU finds no adapter on this machine: no driver for Vulkan, Metal or Direct3D 12",
    );
  throw new BackendError("webgpu does not work: its process said nothing of an adapter");
}
