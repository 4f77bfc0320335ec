/**
 * @file Finds the best provider of the machine by trying each, once for the process.
 *
 * A Vulkan driver that computes on the CPU says so to nobody here. It is told by its speed: a provider that is slower
 * than the CPU at products of matrices is no gain, whatever it is. Where Linux shows no graphics device there is nothing
 * to try, and a first run isn't held up.
 */
import { readdirSync } from "node:fs";
import { listSupportedBackends } from "onnxruntime-node";
import "../../no-telemetry.ts";
import { parseProvider, type Provider } from "./provider.ts";
import { Runtime } from "./runtime.ts";

/** What was found out about a provider. */
export interface ProviderReport {
  readonly provider: Provider;
  /** Whether a program ran on it and computed the right result. */
  readonly works: boolean;
  /** The milliseconds of that program. */
  readonly milliseconds?: number;
  /** One line: how fast it is, or why it is not to be had. */
  readonly detail: string;
}

let reports: Promise<readonly ProviderReport[]> | undefined;

/** What each provider is good for on this machine, the best first; each is tried once. */
export async function providers(): Promise<readonly ProviderReport[]> {
  reports ??= tryAll();
  return reports;
}

/** The provider that `TENON_PROVIDER` names, else the best that works. */
export async function bestProvider(): Promise<Provider> {
  const named = process.env["TENON_PROVIDER"];
  if (named !== undefined && named !== "") return parseProvider(named, "TENON_PROVIDER");
  // Nothing but the CPU to try: it needs no trial.
  if (gpuProviders().every((provider) => absence(provider) !== undefined)) return "cpu";
  const found = await providers();
  const cpu = found.find(({ provider }) => provider === "cpu");
  const better = found.find(
    ({ works, milliseconds = Number.POSITIVE_INFINITY }) =>
      works && milliseconds < (cpu?.milliseconds ?? Number.POSITIVE_INFINITY),
  );
  return better?.provider ?? "cpu";
}

const noDriver =
  process.platform === "linux"
    ? "no Vulkan driver answers: install the GPU's driver and libvulkan1 (in a container, see docs/gpu.md)"
    : "the system offers no GPU";

const gpuProviders = (): readonly Provider[] => ["cuda", "webgpu"];

async function tryAll(): Promise<readonly ProviderReport[]> {
  // Each in a thread of its own, the CPU first, so that others can be compared with it.
  const cpu = await tryOne("cpu");
  const others: ProviderReport[] = [];
  for (const provider of gpuProviders()) others.push(await tryOne(provider, cpu.milliseconds));
  return [...others, cpu];
}

async function tryOne(provider: Provider, cpuMilliseconds?: number): Promise<ProviderReport> {
  const missing = absence(provider);
  if (missing !== undefined) return { provider, works: false, detail: missing };
  const runtime = new Runtime({ threads: 1 });
  try {
    const milliseconds = await runtime.try(provider);
    const slower = cpuMilliseconds !== undefined && milliseconds >= cpuMilliseconds;
    const speed = `a product of 512 × 512 matrices in ${milliseconds.toFixed(2)} ms`;
    const detail = slower ? `${speed}: no faster than the CPU, so it is not chosen by itself` : speed;
    return { provider, works: true, milliseconds, detail };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isDriver = provider === "webgpu" && message.includes("No supported adapters");
    return { provider, works: false, detail: isDriver ? noDriver : message };
  } finally {
    if (!runtime.ended) await runtime.close();
  }
}

/** Why a provider can't work, where that is known without a trial. */
function absence(provider: Provider): string | undefined {
  if (provider === "cpu") return undefined;
  if (!listSupportedBackends().some(({ name }) => name === provider))
    return provider === "cuda"
      ? "the installed ONNX Runtime has no CUDA in it"
      : `the installed ONNX Runtime has no ${provider} in it`;
  if (process.platform === "linux" && !hasGraphicsDevice())
    return "no graphics device: neither /dev/dri/render*, /dev/nvidia* nor /dev/dxg is there, nor does VK_DRIVER_FILES name a driver";
  return undefined;
}

function hasGraphicsDevice(): boolean {
  // Somebody names a driver: it may need no device.
  if (process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"]) return true;
  const names = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  return (
    names("/dev").some((name) => /^nvidia\d|^dxg$/.test(name)) ||
    names("/dev/dri").some((name) => name.startsWith("render"))
  );
}
