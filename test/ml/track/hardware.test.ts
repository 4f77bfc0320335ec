/** @file The use of the hardware while a run goes on. */
import assert from "node:assert/strict";
import { parseGpus } from "../../../ml/track/hardware/nvidia.ts";
import { gpuMeasures, HardwareSampler, sampleHardware } from "../../../ml/track/hardware/sampler.ts";
import { getMetricHistory, run } from "../../../ml/track/index.ts";
import { scratchStore } from "./scratch-store.ts";

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("the use of hardware", () => {
  scratchStore();

  it("is told in MLflow's names and within what is possible", async () => {
    const sampler = new HardwareSampler();
    const before = process.cpuUsage();
    const started = performance.now();
    while (performance.now() < started + 150 || process.cpuUsage(before).user < 50_000);
    const measures = await sampler.measure();
    const spent = process.cpuUsage(before);
    const wall = performance.now() - started;
    const share = measures["system/system_memory_usage_percentage"] ?? NaN;
    assert.ok(share > 0 && share < 100, `${share}`);
    const busy = measures["system/cpu_utilization_percentage"] ?? 0;
    assert.ok(busy >= 0 && busy <= 100, `${busy}`);
    const own = measures["system/process_cpu_utilization_percentage"] ?? NaN;
    const expected = (spent.user + spent.system) / 10 / wall;
    assert.ok(own > 0.5 * expected && own < 2 * expected, `${own}, not ${expected}`);
    assert.ok((measures["system/process_memory_usage_megabytes"] ?? 0) > 20);
  });

  it("has no loads where hardly any time has passed", async () => {
    const measures = await new HardwareSampler().measure();
    assert.ok("system/system_memory_usage_megabytes" in measures);
    assert.ok(!("system/cpu_utilization_percentage" in measures));
  });

  it("is logged at an interval until the run ends", async () => {
    const id = await run(async (logged) => {
      sampleHardware(logged, { interval: 0.05 });
      await pause(800);
      return logged.info.runId;
    });
    const points = await getMetricHistory(id, "system/system_memory_usage_megabytes");
    assert.ok(points.length >= 3, `${points.length} samples`);
    assert.deepEqual(
      points.map(({ step }) => step),
      points.map((_, at) => at),
    );
  });

  it("is not logged any more once it is stopped, nor after the run", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    try {
      const id = await run(async (logged) => {
        const stop = sampleHardware(logged, { interval: 0.05 });
        await pause(100);
        stop();
        await pause(50);
        await logged.flush();
        const before = (await getMetricHistory(logged.info.runId, "system/system_memory_usage_megabytes"))
          .length;
        await pause(200);
        await logged.flush();
        const after = (await getMetricHistory(logged.info.runId, "system/system_memory_usage_megabytes"))
          .length;
        assert.equal(after, before);
        sampleHardware(logged, { interval: 0.05 });
        return logged.info.runId;
      });
      await pause(200);
      assert.ok(id);
      assert.deepEqual(
        warnings.map(({ message }) => message),
        [],
      );
    } finally {
      process.off("warning", listen);
    }
  });

  it("of GPUs is read from nvidia-smi's answer", () => {
    const [first, second, ...more] = parseGpus(
      "NVIDIA H100 80GB HBM3, 550.54.15, 81559, 1024, 37, 120.50, 700.00\nTesla T4, 535.0, 15360, 0, [N/A], [Not Supported], [N/A]\n",
    );
    assert.deepEqual(more, []);
    assert.deepEqual(first && gpuMeasures(first, 0), {
      "system/gpu_0_memory_usage_megabytes": 1024,
      "system/gpu_0_memory_usage_percentage": (100 * 1024) / 81_559,
      "system/gpu_0_utilization_percentage": 37,
      "system/gpu_0_power_usage_watts": 120.5,
      "system/gpu_0_power_usage_percentage": (100 * 120.5) / 700,
    });
    assert.deepEqual(second && gpuMeasures(second, 1), {
      "system/gpu_1_memory_usage_megabytes": 0,
      "system/gpu_1_memory_usage_percentage": 0,
    });
  });

  it("of GPUs is nothing where the answer is none", () => {
    for (const answer of [
      "",
      "\n",
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
      "a,b\n",
    ])
      assert.deepEqual(parseGpus(answer), []);
  });
});
