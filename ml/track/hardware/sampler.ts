/** @file The use of processor, memory and GPUs while a run goes on, as MLflow's `system/…` metrics. */
import { cpus, freemem, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import type { Run } from "../run.ts";
import { nvidiaGpus, type GpuState } from "./nvidia.ts";

/** Times of all processors together, in milliseconds. */
interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

/** What is measured at one moment. */
export type HardwareMeasures = Readonly<Record<string, number>>;

const mebibyte = 2 ** 20;

/** Loads of a shorter time say little, as systems count them in hundredths of a second. In milliseconds. */
const shortestSpan = 100;

/** What is sampled, and how often. */
export interface SamplingOptions {
  /** Seconds from one sample to the next; 10 where absent, as in MLflow. */
  readonly interval?: number;
}

/**
 * Logs the use of the hardware to a run until it ends, or until the function that this returns is called. It keeps neither the process
 * alive nor an error: what can't be measured is left out.
 */
export function sampleHardware(run: Run, { interval = 10 }: SamplingOptions = {}): () => void {
  const sampler = new HardwareSampler();
  let step = 0;
  let isSampling = false;
  let isStopped = false;
  const sample = async (): Promise<void> => {
    if (run.ended || isStopped) return stop();
    // A sample that takes long is not begun again.
    if (isSampling) return;
    isSampling = true;
    try {
      const measures = await sampler.measure();
      if (!run.ended && !isStopped) run.logMetrics(measures, { step: step++ });
    } catch {
      // The next one may be better.
    } finally {
      isSampling = false;
    }
  };
  const timer = setInterval(() => void sample(), Math.max(interval, 0.05) * 1000);
  timer.unref();
  const stop = (): void => {
    isStopped = true;
    clearInterval(timer);
  };
  void sample();
  return stop;
}

/** Measures the hardware again and again: loads are those since the measure before. */
export class HardwareSampler {
  #before = processorTimes();
  #own = process.cpuUsage();
  #at = performance.now();

  /** Measures by MLflow's names; GPUs only where `nvidia-smi` tells of them. */
  async measure(): Promise<HardwareMeasures> {
    const [available, gpus] = await Promise.all([availableMemory(), nvidiaGpus()]);
    const total = totalmem();
    const used = Math.max(0, total - available);
    return {
      ...this.#processors(),
      "system/system_memory_usage_megabytes": used / mebibyte,
      "system/system_memory_usage_percentage": (100 * used) / total,
      "system/process_memory_usage_megabytes": process.memoryUsage.rss() / mebibyte,
      ...Object.assign({}, ...gpus.map(gpuMeasures)),
    };
  }

  #processors(): HardwareMeasures {
    const [now, own, at] = [processorTimes(), process.cpuUsage(), performance.now()];
    if (at - this.#at < shortestSpan) return {};
    const all = now.all - this.#before.all;
    const wall = (at - this.#at) * 1000;
    const spent = own.user - this.#own.user + (own.system - this.#own.system);
    const busy = now.busy - this.#before.busy;
    [this.#before, this.#own, this.#at] = [now, own, at];
    return {
      ...(all > 0 && { "system/cpu_utilization_percentage": Math.min(100, Math.max(0, (100 * busy) / all)) }),
      // Of one processor: more than 100 where several work.
      ...(wall > 0 && { "system/process_cpu_utilization_percentage": (100 * spent) / wall }),
    };
  }
}

/** A GPU's measures by MLflow's names. */
export function gpuMeasures(gpu: GpuState, index: number): HardwareMeasures {
  const {
    memoryTotalMebibytes: total,
    memoryUsedMebibytes: used,
    powerWatts: power,
    powerLimitWatts: limit,
  } = gpu;
  const { utilizationPercent: utilization } = gpu;
  const name = `system/gpu_${index}`;
  return {
    ...(used !== undefined && { [`${name}_memory_usage_megabytes`]: used }),
    ...(used !== undefined &&
      total !== undefined &&
      total > 0 && { [`${name}_memory_usage_percentage`]: (100 * used) / total }),
    ...(utilization !== undefined && { [`${name}_utilization_percentage`]: utilization }),
    ...(power !== undefined && { [`${name}_power_usage_watts`]: power }),
    ...(power !== undefined &&
      limit !== undefined &&
      limit > 0 && { [`${name}_power_usage_percentage`]: (100 * power) / limit }),
  };
}

function processorTimes(): ProcessorTimes {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

/** Bytes that programs could have: on Linux what the kernel could free counts too. */
async function availableMemory(): Promise<number> {
  if (process.platform !== "linux") return freemem();
  try {
    const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile("/proc/meminfo", "utf8")) ?? [];
    return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
  } catch {
    return freemem();
  }
}
