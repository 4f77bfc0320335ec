/**
 * @file Devices that are lost under the sessions of a served model. None is lost in truth: sessions stand where those of threads do, compute
 * by the CPU, and fail as the test says.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { RuntimeError } from "../../../ml/graph/errors.ts";
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { parseSignature } from "../../../ml/package/index.ts";
import { BatchingEngine } from "../../../ml/serve/batching/batching-engine.ts";
import type { CallLimits } from "../../../ml/serve/engines/engine.ts";
import { OnnxEngine } from "../../../ml/serve/engines/onnx-engine.ts";
import {
  type EngineWorker,
  WorkerEngine,
  type WorkerEngineOptions,
} from "../../../ml/serve/engines/worker-engine.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";
import { planModel } from "../../../ml/serve/plan/model-plan.ts";
import { ModelService } from "../../../ml/serve/service/model-service.ts";
import { ServedModel } from "../../../ml/serve/service/served-model.ts";

const signature = parseSignature({
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [2] }],
  outputs: [{ name: "y", type: "float32" }],
});
const plan = planModel(signature);
const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ y: x.sum(1) }), {
  x: { dtype: "float32", shape: ["rows", 2] },
});
const limits: CallLimits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };

/** The row is [value, 1], or one of a number too few, which is no input of the model. */
function inputsOf(value: number, isWhole = true): ModelInputs {
  const data = isWhole ? [value, 1] : [value];
  return {
    rows: 1,
    numbers: new Float64Array(0),
    texts: [],
    tensors: [Float32Array.from(data)],
    shapes: [[1, data.length]],
  };
}

/** A device, and the sessions on it. */
class Device {
  /** What runs on it fail with; those of sessions that were made before `broken`, or of all. */
  failure: string | undefined;
  readonly #broken = new Set<EngineWorker>();
  readonly sessions: EngineWorker[] = [];
  /** Whether sessions can be made on it. */
  isThere = true;
  readonly providers: string[] = [];

  /** All sessions that are there fail from now on, and new ones don't. */
  reset(failure: string): void {
    this.failure = failure;
    for (const session of this.sessions) this.#broken.add(session);
  }

  /** All sessions fail from now on, new ones too. */
  die(failure: string): void {
    this.reset(failure);
    this.#diesAlways = true;
  }
  #diesAlways = false;

  revive(): void {
    this.#diesAlways = false;
    this.isThere = true;
  }

  readonly start: NonNullable<WorkerEngineOptions["start"]> = async ({ provider }) => {
    this.providers.push(provider);
    const isOnDevice = provider !== "cpu";
    if (isOnDevice && !this.isThere) throw new RuntimeError("no device");
    const engine = await OnnxEngine.load(plan, onnx);
    const session: EngineWorker = {
      hasEnded: false,
      onEnd: () => {},
      computeTime: 1,
      run: async ({ inputs }) => {
        if (isOnDevice && (this.#diesAlways || this.#broken.has(session)))
          throw new RuntimeError(String(this.failure));
        return await engine.run(inputs);
      },
      giveUp: () => assert.fail("nothing hangs"),
      end: async () => await engine.close(),
    };
    this.sessions.push(session);
    return session;
  };
}

describe("A device that is lost under a served model", () => {
  const fallbacks: string[] = [];
  const failures: string[] = [];
  let device: Device;
  let engine: WorkerEngine;
  const start = async (options: Partial<WorkerEngineOptions> = {}): Promise<void> => {
    device = new Device();
    engine = await WorkerEngine.start(signature, onnx, {
      instances: 1,
      threads: 1,
      provider: "webgpu",
      probe: inputsOf(0),
      onFailure: ({ message }) => failures.push(message),
      start: device.start,
      ...options,
    });
  };
  const best = { onFallback: ({ message }: Error) => void fallbacks.push(message) };
  const ask = async (value: number, isWhole = true): Promise<number> =>
    Number((await engine.run(inputsOf(value, isWhole), limits))[0]?.data[0]);
  afterEach(async () => {
    await engine.close();
    fallbacks.splice(0);
    failures.splice(0);
  });

  for (const failure of ["the WebGPU device was lost", "cannot map the buffer: 0x88"])
    it(`has a fresh session, which answers the call that found it out: ${failure}`, async () => {
      await start({ instances: 2 });
      assert.equal(await ask(1), 2);
      device.reset(failure);
      assert.deepEqual(await Promise.all([ask(2), ask(3), ask(4)]), [3, 4, 5]);
      assert.deepEqual(
        device.providers,
        Array.from({ length: 4 }, () => "webgpu"),
      );
      assert.deepEqual([engine.platform, engine.isHealthy], ["onnx_onnxv1_webgpu", true]);
      assert.deepEqual(failures, []);
    });

  it("is told from a call that the model can't compute", async () => {
    await start();
    await assert.rejects(ask(1, false), { name: "RuntimeError" });
    assert.equal(await ask(1), 2);
    assert.deepEqual(device.providers, ["webgpu"]);
  });

  it("is replaced by the CPU where the best was asked for and no session can be had", async () => {
    await start({ instances: 2, ...best });
    device.isThere = false;
    device.reset("device lost");
    assert.deepEqual(await Promise.all([ask(1), ask(2), ask(3)]), [2, 3, 4]);
    assert.deepEqual([engine.platform, engine.isHealthy], ["onnx_onnxv1", true]);
    assert.deepEqual(fallbacks, ["webgpu was lost: no device"]);
    assert.deepEqual(failures, []);
  });

  it("is replaced by the CPU where sessions can be had and compute nothing", async () => {
    await start(best);
    device.die("cannot map the buffer: 0x88");
    assert.equal(await ask(1), 2);
    assert.equal(engine.platform, "onnx_onnxv1");
    assert.deepEqual(fallbacks, ["webgpu was lost: cannot map the buffer: 0x88"]);
  });

  it("makes the model, and the service, not ready where nothing takes its place, until it is back", async () => {
    await start();
    const service = new ModelService();
    const onError = (error: unknown): void => assert.fail(String(error));
    service.put(new ServedModel("m", "1", plan, new BatchingEngine(engine), onError));
    service.markReady();
    assert.deepEqual([service.isReady(), service.isModelReady("m", undefined)], [true, true]);
    device.die("device lost");
    for (let count = 0; count < 2; count++) {
      const began = performance.now();
      await assert.rejects(ask(1), (error) => {
        const { name, kind, retryAfter } = Object(error);
        return name === "ServingError" && kind === "unavailable" && retryAfter >= 1;
      });
      assert.ok(performance.now() - began < 500);
    }
    assert.deepEqual([service.isReady(), service.isModelReady("m", undefined)], [false, false]);
    assert.deepEqual(failures, ["no thread can compute by webgpu: device lost"]);
    device.revive();
    const end = performance.now() + 10_000;
    while (!service.isReady() && performance.now() < end) await sleep(20);
    assert.equal(await ask(1), 2);
    assert.equal(service.isModelReady("m", "1"), true);
    service.close();
  });

  it("is seen at the start, where the model computes nothing by it", async () => {
    await start();
    device.die("cannot map the buffer");
    await assert.rejects(
      WorkerEngine.start(signature, onnx, {
        instances: 1,
        threads: 1,
        provider: "webgpu",
        probe: inputsOf(0),
        start: device.start,
      }),
      /cannot map the buffer/,
    );
  });
});
