/** @file The metrics of the process itself, by the names that Prometheus's clients give them. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Metrics } from "./metrics.ts";

/** Adds processor time, memory, start and the event loop's delay. Returns what ends the measuring. */
export function addProcessMetrics(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const seconds = metrics.counter("process_cpu_seconds_total", "Processor time, in seconds.");
  const resident = metrics.gauge("process_resident_memory_bytes", "Resident memory.");
  const heap = metrics.gauge("nodejs_heap_size_used_bytes", "Heap in use.");
  const lag = metrics.gauge(
    "nodejs_eventloop_lag_p99_seconds",
    "99th percentile of the event loop's delay since the last reading.",
    {},
    "max",
  );
  metrics.gauge("process_start_time_seconds", "When the process began, since 1970.", {}, "max").value =
    performance.timeOrigin / 1000;
  metrics.beforeSnapshot(() => {
    const { user, system } = process.cpuUsage();
    seconds.value = (user + system) / 1e6;
    const memory = process.memoryUsage();
    resident.value = memory.rss;
    heap.value = memory.heapUsed;
    // Node measures the time between two of its own ticks, of which one resolution is no delay.
    lag.value = Math.max(0, delay.percentile(99) / 1e9 - 0.02);
    delay.reset();
  });
  return () => delay.disable();
}
