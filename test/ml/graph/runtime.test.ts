import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fromData, randn, tensor } from "../../../ml/graph/create.ts";
import { RuntimeError } from "../../../ml/graph/errors.ts";
import { gather } from "../../../ml/graph/ops/gather.ts";
import { providers } from "../../../ml/graph/runtime/choose-provider.ts";
import { Runtime } from "../../../ml/graph/runtime/runtime.ts";
import { scope } from "../../../ml/graph/scope.ts";
import { provider, runtimeContents, useProvider } from "../../../ml/graph/shared-runtime.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { endless } from "./endless.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: readonly unknown[];
  readonly errors: string;
}

/** Runs the child until it ends; `kill` is sent once it has said something. */
async function runChild(
  ending: string,
  { kill, preload }: { kill?: NodeJS.Signals; preload?: string } = {},
): Promise<Ended> {
  const preloads = preload === undefined ? [] : ["--import", pathToFileURL(join(folder, preload)).href];
  const file = join(folder, "runtime-child.ts");
  const child = spawn(process.execPath, ["--import", "tsx", ...preloads, file, ending], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TENON_PROVIDER: "cpu",
      TENON_TEST_CRASH: join(tmpdir(), `tenon-crash-${process.pid}`),
    },
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (kill) child.kill(kill);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const limit = globalThis.setTimeout(() => child.kill("SIGKILL"), 30_000);
  await once(child, "close");
  clearTimeout(limit);
  const said = output.split("\n").flatMap((line): unknown[] => (line === "" ? [] : [JSON.parse(line)]));
  return { code: child.exitCode, signal: child.signalCode, said, errors };
}

const isRuntimeError =
  (message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RuntimeError && message.test(error.message);

describe("a process with a runtime", function () {
  this.timeout(120_000);

  it("ends by itself", async () => {
    assert.deepEqual(await runChild("by itself"), { code: 0, signal: null, said: [4], errors: "" });
  });
  it("ends by process.exit", async () => {
    assert.deepEqual(await runChild("process.exit"), { code: 3, signal: null, said: [4], errors: "" });
  });
  it("ends by an error that nobody catches", async () => {
    const { code, said, errors } = await runChild("an uncaught error");
    assert.deepEqual({ code, said }, { code: 1, said: [4] });
    assert.match(errors, /not caught/);
  });
  for (const kill of ["SIGINT", "SIGTERM"] as const)
    it(`ends by ${kill}`, async () => {
      assert.deepEqual(await runChild("a signal", { kill }), {
        code: null,
        signal: kill,
        said: [4],
        errors: "",
      });
    });
  // Node would wait for the thread, which nothing can stop.
  it("is killed at its end when a run has none", async () => {
    const { signal, said, errors } = await runChild("an endless run, process.exit");
    assert.deepEqual({ signal, said }, { signal: "SIGKILL", said: ["Error: enough"] });
    assert.match(errors, /a run did not end with the process/);
  });
  it("goes on with a fresh thread when one is given up", async () => {
    const { said } = await runChild("an endless run, restarted");
    const lost = "RuntimeError: the runtime was restarted: what it computed and kept is lost";
    assert.deepEqual(said, ["Error: enough", lost, 8]);
  });
  it("goes on with a fresh thread when one fails", async () => {
    const { code, said, errors } = await runChild("a thread that fails", { preload: "crash-thread.mjs" });
    const failed = "RuntimeError: the runtime's thread failed: struck by lightning";
    assert.deepEqual({ code, said }, { code: 0, said: [failed, 10] }, errors);
  });

  for (const [name, tensors] of [
    ["training that frees", 2],
    ["training that forgets", undefined],
  ] as const)
    it(`does not grow: 2,000 steps of ${name}`, async () => {
      const {
        code,
        said: [found],
        errors,
      } = await runChild(name);
      assert.equal(code, 0, errors);
      const { early, late, tensors: kept, programs } = found as Record<string, number>;
      assert.ok(early !== undefined && late !== undefined && kept !== undefined);
      // What is forgotten is freed when 256 MB of it have piled up.
      const slack = tensors === undefined ? 300 : 40;
      assert.ok(late < early + slack * 2 ** 20, `${late / 2 ** 20} MB after ${early / 2 ** 20}`);
      if (tensors !== undefined) assert.equal(kept, tensors);
      assert.equal(programs, 1);
    });
});

describe("the runtime", () => {
  it("says which operator failed, on what, and where it was applied", async () => {
    const rows = (x: Tensor, at: Tensor): Tensor => new Tensor(gather(x.value, at.value));
    const x = randn([3, 2], { seed: 1 });
    const at = fromData("int64", BigInt64Array.of(7n), [1]);
    const message =
      /^Gather of float32 \[3, 2\] and int64 \[1\], applied at test.ml.graph.runtime\.test\.ts:\d+:\d+, failed: .*idx=7/;
    await assert.rejects(rows(x, at).data(), isRuntimeError(message));
    const before = await runtimeContents();
    const failing = jit((a: Tensor, b: Tensor) => ({ good: a.add(1), bad: rows(a, b) }));
    await assert.rejects(failing(x, at), isRuntimeError(message));
    assert.equal((await runtimeContents()).tensors, before.tensors);
  });

  it("a gradient that fails is said of the operator that it belongs to", async () => {
    const at = fromData("int64", BigInt64Array.of(1n), [1]);
    const loss = (x: Tensor, index: Tensor): Tensor<readonly []> =>
      new Tensor(gather(x.value, index.value)).square().sum();
    const slope = jit((x: Tensor, index: Tensor) => grad((y: Tensor) => loss(y, index))(x));
    assert.equal((await slope(randn([3], { seed: 1 }), at)).shape.length, 1);
    const outside = fromData("int64", BigInt64Array.of(9n), [1]);
    await assert.rejects(
      slope(randn([3], { seed: 1 }), outside),
      isRuntimeError(/applied at .*runtime\.test/),
    );
  });

  it("stops waiting at once when a signal is aborted, frees what the run gives, and goes on", async () => {
    const add = jit((x: Tensor) => x.add(1));
    await add(tensor(1));
    const before = (await runtimeContents()).tensors;
    const slow = jit((x: Tensor) => endless(x, 200_000));
    const stop = new AbortController();
    const start = performance.now();
    const run = slow.run({ signal: stop.signal }, tensor(0));
    const rejected = assert.rejects(run, /no more/);
    await setTimeout(20);
    stop.abort(new Error("no more"));
    await rejected;
    assert.ok(performance.now() - start < 400);
    using after = await add(tensor(1));
    assert.equal(await after.item(), 2);
    assert.equal((await runtimeContents()).tensors, before + 1);
    await assert.rejects(slow.run({ signal: AbortSignal.abort() }, tensor(0)), { name: "AbortError" });
  });

  it("stops waiting when the notebook's cell is interrupted", async () => {
    const stop = new AbortController();
    const key = Symbol.for("tenon.notebook");
    const host = { version: 1, cellId: "a", signal: stop.signal, display() {}, update() {}, clear() {} };
    Object.assign(globalThis, { [key]: host });
    try {
      const add = jit((x: Tensor) => x.add(1));
      const one = await add(tensor(0));
      const slow = jit((x: Tensor) => endless(x, 1_000_000));
      const run = slow(tensor(0));
      await setTimeout(50);
      // What waits behind the run, to be read or to be loaded, is not waited for either.
      const reading = one.data();
      const eager = tensor([1, 2])
        .mul(tensor([3, 4]))
        .data();
      stop.abort(new Error("interrupted"));
      await Promise.all([run, reading, eager].map(async (each) => assert.rejects(each, /interrupted/)));
    } finally {
      Reflect.deleteProperty(globalThis, key);
    }
  });

  it("frees tensors by using, and at the end of scopes all that they don't give", async () => {
    const add = jit((x: Tensor) => x.add(1));
    await add(tensor(1));
    const before = (await runtimeContents()).tensors;
    {
      using x = await add(tensor(1));
      assert.equal(await x.item(), 2);
    }
    const outer = await scope(async () => {
      const inner = await scope(async () => {
        const first = await add(tensor(1));
        return { kept: [await add(first)] };
      });
      await add(tensor(5));
      return inner;
    });
    assert.equal((await runtimeContents()).tensors, before + 1);
    const [kept] = outer.kept;
    assert.ok(kept);
    assert.equal(await kept.item(), 3);
    kept[Symbol.dispose]();
    await assert.rejects(add(kept), isRuntimeError(/used after it was freed/));
    await assert.rejects(
      scope(async () => {
        await add(tensor(1));
        throw new Error("midway");
      }),
      /midway/,
    );
    assert.equal((await runtimeContents()).tensors, before);
  });

  it("reports every provider, and the CPU works", async () => {
    const reports = await providers();
    assert.deepEqual(
      reports.map((each) => each.provider),
      ["cuda", "webgpu", "cpu"],
    );
    assert.ok(reports.every(({ works, detail }) => detail !== "" && typeof works === "boolean"));
    assert.ok(reports.at(-1)?.works);
  });

  it("computes on the provider that it is told, and carries tensors over", async function () {
    const reports = await providers();
    const first = await provider();
    const add = jit((x: Tensor) => x.add(1));
    const x = await add(tensor([1, 2]));
    const other = reports.find(({ provider: each, works }) => works && each !== first)?.provider;
    const missing = reports.find(({ works }) => !works)?.provider;
    try {
      if (missing) {
        useProvider(missing);
        await assert.rejects(add(x), isRuntimeError(/cannot load/));
      }
      useProvider(other ?? first);
      const y = await add(x);
      assert.deepEqual([...(await y.data())], [3, 4]);
      useProvider(first);
      assert.deepEqual([...(await (await add(y)).data())], [4, 5]);
    } finally {
      useProvider(first);
    }
  });

  it("takes memory that threads share, and leaves what it is fed as it was", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    const own = Float32Array.of(3, 4);
    const total = fromData("float32", shared, [2]).add(fromData("float32", own, [2]));
    assert.deepEqual([...(await total.data())], [4, 6]);
    assert.deepEqual([...own], [3, 4]);
    const same = jit((x: Tensor) => x.reshape([2, 1]).reshape([2]));
    using kept = await same(fromData("float32", own, [2]));
    assert.deepEqual([...(await kept.data())], [3, 4]);
    assert.deepEqual([...(await (await same(kept)).data())], [3, 4]);
  });

  it("refuses what is no model, and goes on", async () => {
    await using runtime = new Runtime({ threads: 1 });
    const model = { model: Uint8Array.of(1, 2, 3), inputs: [], outputs: ["y"], onDevice: [] };
    await assert.rejects(runtime.load(model), isRuntimeError(/cannot load this model/));
    assert.ok((await runtime.try("cpu")) > 0);
  });
});
