/** @file Shows what the library finds out about the providers of this machine. */
import * as v from "valibot";
import { probeModule } from "../doctor/probe.ts";
import { CommandFailure } from "../failure.ts";
import { findInstallation } from "../installation.ts";
import { Terminal } from "../terminal.ts";

const reportsSchema = v.array(
  v.object({
    provider: v.picklist(["cuda", "webgpu", "cpu"]),
    works: v.boolean(),
    milliseconds: v.optional(v.number()),
    detail: v.string(),
  }),
);

/** A provider as it was tried. */
export type ShownProvider = v.InferOutput<typeof reportsSchema>[number];

const program = `
  import { providers } from "tenon/graph";
  console.log(JSON.stringify(await providers()));
  process.exit(0);`;

/** Tries every provider, in a process of its own. Throws {@link CommandFailure} where the library doesn't run. */
export async function tryProviders(): Promise<readonly ShownProvider[]> {
  const result = await probeModule(program, findInstallation().root);
  if (!result.ok) throw new CommandFailure(`the providers cannot be tried: ${result.text}`);
  return v.parse(reportsSchema, JSON.parse(result.text));
}

/** Prints every provider. */
export async function showProviders(asJson: boolean): Promise<void> {
  const found = await tryProviders();
  if (asJson) {
    console.log(JSON.stringify(found, undefined, 2));
    return;
  }
  const terminal = new Terminal(process.stdout);
  for (const { provider, works, detail } of found)
    terminal.line(
      `${works ? terminal.style("green", "✓") : terminal.style("yellow", "–")} ${provider.padEnd(7)} ${detail}`,
    );
  const cuda = found.find(({ provider }) => provider === "cuda");
  if (cuda?.works === false && process.platform === "linux" && process.arch === "x64")
    terminal.line("\nFor an NVIDIA GPU: `tenon gpu install` fetches what ONNX Runtime needs for CUDA.");
}
