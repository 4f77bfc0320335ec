/** @file W&B's names for measures of the hardware. */

const names: Readonly<Record<string, string>> = {
  cpu_utilization_percentage: "cpu",
  system_memory_usage_percentage: "memory_percent",
  process_memory_usage_megabytes: "proc.memory.rssMB",
};

const gpuNames: Readonly<Record<string, string>> = {
  utilization_percentage: "gpu",
  memory_usage_percentage: "memoryAllocated",
  power_usage_watts: "powerWatts",
  power_usage_percentage: "powerPercent",
};

/** The name in W&B of one of MLflow's `system/…` metrics; that without `system/` where there is none. */
export function statsName(key: string): string {
  const name = key.replace(/^system\//, "");
  const [, gpu, measure = ""] = /^gpu_(\d+)_(.+)$/.exec(name) ?? [];
  return (gpu === undefined ? names[name] : gpuNames[measure] && `gpu.${gpu}.${gpuNames[measure]}`) ?? name;
}
