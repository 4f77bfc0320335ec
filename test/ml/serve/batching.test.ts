/** @file Rows of several requests that are computed together, and engines in threads. */
import assert from "node:assert/strict";
import type { Worker } from "node:worker_threads";
import { tensor } from "../../../ml/graph/create.ts";
import { take } from "../../../ml/graph/functions/indexing.ts";
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { BatchingEngine } from "../../../ml/serve/batching/batching-engine.ts";
import type { CallLimits, Engine } from "../../../ml/serve/engines/engine.ts";
import { OnnxEngine } from "../../../ml/serve/engines/onnx-engine.ts";
import { WorkerEngine } from "../../../ml/serve/engines/worker-engine.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";
import { planModel } from "../../../ml/serve/plan/model-plan.ts";
import { ServedModel } from "../../../ml/serve/service/served-model.ts";
import { parseSignature } from "../../../ml/package/index.ts";

const signature = parseSignature({
  inputs: [
    { name: "x", type: "float32", dtype: "float32", required: true, shape: [-1] },
    { name: "places", type: "int64", dtype: "int64", required: true },
  ],
  outputs: [{ name: "y", type: "float32" }],
});
const plan = planModel(signature);
/** Sums a row and adds a number of a table by its place: a place beyond the table is an error of the runtime. */
const onnx = toOnnx(
  ({ x, places }: { readonly x: Tensor; readonly places: Tensor }) => ({
    y: x.sum(1).add(take(tensor([10, 20, 30]), places)),
  }),
  { x: { dtype: "float32", shape: ["rows", "columns"] }, places: { dtype: "int64", shape: ["rows"] } },
);
const limits: CallLimits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };

function inputsOf(rows: readonly (readonly number[])[], place = 0): ModelInputs {
  return {
    rows: rows.length,
    numbers: new Float64Array(rows.length).fill(place),
    texts: [],
    tensors: [Float32Array.from(rows.flat())],
    shapes: [[rows.length, rows[0]?.length ?? 0]],
  };
}

/** Notes how many rows each run of an engine has. */
class Watched implements Engine {
  readonly platform = "watched";
  readonly bytes = 0;
  readonly runs: number[] = [];
  readonly #engine: Engine;
  readonly #milliseconds: number;
  /** @param milliseconds what each run takes beside the engine's time */
  constructor(engine: Engine, milliseconds = 0) {
    this.#engine = engine;
    this.#milliseconds = milliseconds;
  }
  async run(inputs: ModelInputs, given: CallLimits): ReturnType<OnnxEngine["run"]> {
    this.runs.push(inputs.rows);
    if (this.#milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, this.#milliseconds));
    return await this.#engine.run(inputs, given);
  }
  async close(): Promise<void> {
    await this.#engine.close();
  }
}

describe("batching", () => {
  let engine: OnnxEngine;
  before(async () => (engine = await OnnxEngine.load(plan, onnx)));
  after(async () => await engine.close());

  const sums = async (batching: BatchingEngine, inputs: ModelInputs, given = limits): Promise<number[]> =>
    Array.from((await batching.run(inputs, given))[0]?.data ?? [], Number);

  it("tells what a call was computed in, and not what it waited for others", async () => {
    const slow = new Watched(engine, 60);
    const onError = (error: unknown): void => assert.fail(String(error));
    const served = new ServedModel("m", "1", plan, new BatchingEngine(slow, { maxBatchSize: 1 }), onError);
    const inputs = [
      { name: "x", datatype: "FP32", shape: [1, 1], data: Float32Array.of(1) },
      { name: "places", datatype: "INT64", shape: [1], data: BigInt64Array.of(0n) },
    ] as const;
    const request = {
      model: "m",
      version: "1",
      id: undefined,
      inputs,
      outputs: undefined,
      parameters: undefined,
    };
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => await served.answer(request, limits)),
    );
    assert.ok(performance.now() - begun > 290);
    for (const { computeTime = 0 } of answers)
      assert.ok(computeTime > 55 && computeTime < 200, String(computeTime));
    // What says better how long it took is heard first.
    const told = new BatchingEngine({
      platform: "telling",
      bytes: 0,
      run: async (values, given) => {
        given.computed?.(7);
        return await engine.run(values);
      },
      close: async () => {},
    });
    const found = new ServedModel("m", "1", plan, told, onError);
    const both = await Promise.all([found.answer(request, limits), found.answer(request, limits)]);
    assert.deepEqual(
      both.map(({ computeTime }) => computeTime),
      [7, 7],
    );
  });

  it("gives each request its own rows", async () => {
    const watched = new Watched(engine);
    const batching = new BatchingEngine(watched);
    const asked = Array.from({ length: 40 }, (_, at) =>
      Array.from({ length: 1 + (at % 3) }, (_, row) => [at, row, 1]),
    );
    const answers = await Promise.all(asked.map((rows) => sums(batching, inputsOf(rows, 1))));
    for (const [at, rows] of asked.entries())
      assert.deepEqual(
        answers[at],
        rows.map((row) => row.reduce((sum, value) => sum + value, 20)),
      );
    assert.deepEqual(watched.runs, [asked.flat().length]);
  });

  it("keeps within the size, and apart what has other shapes", async () => {
    const watched = new Watched(engine);
    const batching = new BatchingEngine(watched, { maxBatchSize: 4 });
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => sums(batching, inputsOf([[1, 2]]))),
      sums(batching, inputsOf([[1, 2, 3]])),
      sums(
        batching,
        inputsOf([
          [4, 5, 6],
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ]),
      ),
    ]);
    assert.deepEqual(answers.slice(-2), [[16], [25, 13, 13, 13, 13]]);
    assert.deepEqual(watched.runs, [4, 2, 1, 5]);
    const { executions, rows, queued, computed } = batching.counts;
    assert.deepEqual([executions, rows], [4, 12]);
    assert.ok(queued > 0 && computed > 0);
  });

  it("answers others where one request's values fail", async () => {
    const batching = new BatchingEngine(engine);
    const [good, bad, other] = await Promise.allSettled([
      sums(batching, inputsOf([[1]])),
      sums(batching, inputsOf([[1]], 7)),
      sums(batching, inputsOf([[2]], 2)),
    ]);
    assert.deepEqual(
      [good, other],
      [
        { status: "fulfilled", value: [11] },
        { status: "fulfilled", value: [32] },
      ],
    );
    assert.equal(bad?.status, "rejected");
  });

  it("goes by priority, and drops what comes too late or whose caller has gone", async () => {
    const watched = new Watched(engine, 8);
    const batching = new BatchingEngine(watched, { maxBatchSize: 1 });
    const order: string[] = [];
    const ask = async (name: string, given: Partial<CallLimits>): Promise<void> => {
      await sums(batching, inputsOf([[1]]), { ...limits, ...given });
      order.push(name);
    };
    const results = await Promise.allSettled([
      ask("plain", {}),
      ask("urgent", { priority: 2 }),
      ask("late", { deadline: performance.now() - 1 }),
      ask("gone", { signal: AbortSignal.abort(), priority: -1 }),
      ask("middle", { priority: 1 }),
    ]);
    assert.deepEqual(order, ["urgent", "middle", "plain"]);
    assert.deepEqual(
      results.map((each) => (each.status === "rejected" ? Object(each.reason).kind : "")),
      ["", "", "deadline", "cancelled", ""],
    );
    assert.equal(watched.runs.length, 3);
  });

  it("tells what waited too long from what the model took too long for", async () => {
    const watched = new Watched(engine, 40);
    const batching = new BatchingEngine(watched, { maxBatchSize: 1 });
    const reasonOf = async (milliseconds: number): Promise<unknown> => {
      try {
        await sums(batching, inputsOf([[1]]), { ...limits, deadline: performance.now() + milliseconds });
        return "answered";
      } catch (error) {
        const { kind, isBeforeModel } = Object(error);
        return [kind, isBeforeModel];
      }
    };
    // The first is computed and takes longer than its caller had, the second waits longer for it than it has.
    assert.deepEqual(await Promise.all([reasonOf(20), reasonOf(30)]), [
      ["deadline", false],
      ["deadline", true],
    ]);
    // It had waited most of its time: the model did well.
    const first = sums(batching, inputsOf([[1]]));
    assert.equal(await reasonOf(70), "answered");
    await first;
  });
});

describe("engines in threads", () => {
  it("answer as in this thread, and say what fails", async () => {
    const engine = await WorkerEngine.start(signature, onnx, { instances: 2, threads: 1 });
    const ask = async (value: number, place = 0): Promise<number[]> =>
      Array.from((await engine.run(inputsOf([[value]], place), limits))[0]?.data ?? [], Number);
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map((value) => ask(value))), [
      [11],
      [12],
      [13],
      [14],
      [15],
    ]);
    await assert.rejects(ask(1, 9), { name: "RuntimeError" });
    assert.deepEqual(await ask(6), [16]);
    await engine.close();
    await assert.rejects(
      WorkerEngine.start(signature, Buffer.from("no model"), { instances: 1, threads: 1 }),
      {
        name: "RuntimeError",
      },
    );
  });

  it("are replaced when they end, and what they were computing has its answer", async () => {
    const threads: Worker[] = [];
    const note = (thread: Worker): number => threads.push(thread);
    process.on("worker", note);
    const engine = await WorkerEngine.start(signature, onnx, { instances: 1, threads: 1 });
    // Before it takes the call up: ONNX Runtime ends the process where its thread was ended in the middle of a run.
    const ended = threads[0]?.terminate();
    const asked = Array.from({ length: 30 }, (_, at) => engine.run(inputsOf([[at]]), limits));
    await ended;
    const answers = await Promise.all(asked);
    assert.deepEqual(
      answers.map(([output]) => Number(output?.data[0])),
      asked.map((_, at) => 10 + at),
    );
    assert.equal(threads.length, 2);
    process.off("worker", note);
    await engine.close();
  });
});
