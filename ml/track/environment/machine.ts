/** @file The machine that a run is on. */
import { cpus, release, totalmem, type, userInfo, version } from "node:os";
import { currentRuntime } from "../../graph/shared-runtime.ts";
import { nvidiaGpus } from "../hardware/nvidia.ts";
import { tenonVersion } from "./packages.ts";

/** A machine, and what programs run on. */
export interface Machine {
  readonly node: string;
  readonly tenon?: string;
  /** What tensors are computed on, where they have been: `cpu`, `webgpu`, `cuda`. */
  readonly provider?: string;
  readonly system: {
    readonly type: string;
    readonly release: string;
    readonly version: string;
    readonly architecture: string;
  };
  readonly cpu: { readonly model: string; readonly count: number };
  readonly memoryBytes: number;
  readonly gpus: readonly {
    readonly name: string;
    readonly driver: string;
    readonly memoryMebibytes: number | undefined;
  }[];
}

/** This machine. Never throws. */
export async function thisMachine(): Promise<Machine> {
  const [tenon, gpus] = await Promise.all([tenonVersion(), nvidiaGpus()]);
  const provider = currentRuntime()?.provider;
  const processors = cpus();
  return {
    node: process.versions.node,
    ...(tenon !== undefined && { tenon }),
    ...(provider !== undefined && { provider }),
    system: { type: type(), release: release(), version: version(), architecture: process.arch },
    cpu: { model: processors[0]?.model.trim() ?? "", count: processors.length },
    memoryBytes: totalmem(),
    gpus: gpus.map(({ name, driver, memoryTotalMebibytes }) => ({
      name,
      driver,
      memoryMebibytes: memoryTotalMebibytes,
    })),
  };
}

/** Who runs this; undefined where the system knows no name, as in some containers. */
export function userName(): string | undefined {
  const named = process.env["LOGNAME"] ?? process.env["USER"] ?? process.env["USERNAME"];
  if (named !== undefined && named !== "") return named;
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
