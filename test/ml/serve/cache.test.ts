import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerStore } from "../../../ml/serve/cache/answer-store.ts";
import { answerText, parseAnswer } from "../../../ml/serve/cache/answer-text.ts";
import {
  PredictionCache,
  type ResolvedVersion,
  type SharedCache,
} from "../../../ml/serve/cache/cached-infer.ts";
import { contentKey, portableKey } from "../../../ml/serve/cache/content-key.ts";
import type { Infer, InferenceRequest, InferenceResponse } from "../../../ml/serve/inference.ts";
import { refused } from "../refused.ts";
import { answer, call, context, tensor } from "./calls.ts";

/** A model that counts its calls, its answers in memory that it uses again. */
class CountedModel {
  calls = 0;
  readonly #output = new Float32Array(1);
  readonly infer: Infer = (request) => {
    this.calls += 1;
    this.#output[0] = this.calls;
    return { ...answer(request, 0), outputs: [{ ...tensor("y", [[0]]), data: this.#output }] };
  };
}

function atOnce(given: InferenceResponse | Promise<InferenceResponse>): InferenceResponse {
  assert.ok(!(given instanceof Promise));
  return given;
}

const loaded = new Map<string, ResolvedVersion>([
  ["1", { version: "1", loaded: {} }],
  ["2", { version: "2", loaded: {} }],
]);
const resolve = (model: string, version: string | undefined): ResolvedVersion | undefined =>
  model === "risk" ? loaded.get(version ?? "1") : undefined;

describe("The cache of predictions", () => {
  it("gives the answer that was given to the same content, with the caller's own id", () => {
    const model = new CountedModel();
    const cache = new PredictionCache({ ttlSeconds: () => 60, resolve });
    const infer = cache.wrap(model.infer);
    const first = atOnce(infer(call({ id: "a" }), context()));
    assert.equal(first.id, "a");
    const again = atOnce(infer(call({ id: "b" }), context()));
    assert.deepEqual([again.id, again.outputs[0]?.data[0]], ["b", 1]);
    assert.equal(atOnce(infer(call(), context())).id, undefined);
    atOnce(infer(call({ inputs: [tensor("x", [[1, 2, 4]])] }), context()));
    // The model's memory has other elements by now; the cache has its own.
    assert.equal(atOnce(infer(call(), context())).outputs[0]?.data[0], 1);
    assert.equal(model.calls, 2);
    assert.deepEqual(cache.counts.get("risk"), { hits: 3, misses: 2 });
  });

  it("tells all contents apart that can have another answer", () => {
    const requests: InferenceRequest[] = [
      call(),
      call({ inputs: [tensor("x", [[1], [2], [3]])] }),
      call({ inputs: [tensor("z", [[1, 2, 3]])] }),
      call({ inputs: [tensor("x", [[1, 2]]), tensor("y", [[3]])] }),
      call({ outputs: ["y"] }),
      call({ parameters: { k: 1 } }),
      call({ inputs: [{ name: "x", datatype: "BYTES", shape: [2], data: ["a", "b"] }] }),
      call({ inputs: [{ name: "x", datatype: "BYTES", shape: [1], data: ['a","b'] }] }),
      call({ inputs: [{ name: "x", datatype: "FP64", shape: [1, 3], data: Float64Array.of(1, 2, 3) }] }),
      ...[0, 1].map((last) =>
        call({ inputs: [tensor("x", [Array.from({ length: 5000 }, (_, at) => (at === 4999 ? last : 0))])] }),
      ),
      ...["a", "b"].map((end) =>
        call({
          inputs: [{ name: "x", datatype: "BYTES", shape: [1], data: ["x".repeat(5000) + end] } as const],
        }),
      ),
    ];
    for (const keyOf of [contentKey, portableKey]) {
      const keys = new Set(requests.map((each) => keyOf(each)));
      assert.equal(keys.size, requests.length);
      for (const key of keys) assert.ok(key.length <= 1024);
    }
  });

  it("forgets after its time, by version, and when a version was loaded again", async () => {
    const model = new CountedModel();
    const cache = new PredictionCache({ ttlSeconds: () => 0.03, resolve });
    const infer = cache.wrap(model.infer);
    const ask = (version?: string): unknown =>
      atOnce(infer(call({ version }), context())).outputs[0]?.data[0];
    assert.deepEqual([ask(), ask("1"), ask("2"), ask("2")], [1, 1, 2, 2]);
    await sleep(40);
    // Not fresh, but better than nothing for those who want that.
    assert.equal(cache.lastAnswer(call())?.outputs[0]?.data[0], 1);
    assert.equal(ask(), 3);
    assert.equal(await cache.invalidate("risk", "2"), 1);
    assert.equal(cache.lastAnswer(call({ version: "2" })), undefined);
    assert.equal(ask(), 3);
    loaded.set("1", { version: "1", loaded: {} });
    assert.equal(ask(), 4);
  });

  it("lets models without a cache and unknown ones through", () => {
    const model = new CountedModel();
    const infer = new PredictionCache({
      ttlSeconds: (name) => (name === "risk" ? undefined : 60),
      resolve,
    }).wrap(model.infer);
    for (const name of ["risk", "risk", "made up", "made up"])
      atOnce(infer(call({ model: name }), context()));
    assert.equal(model.calls, 4);
  });

  it("keeps no failures", async () => {
    let calls = 0;
    const infer = new PredictionCache({ ttlSeconds: () => 60, resolve }).wrap(async (request) => {
      calls += 1;
      if (calls === 1) throw new Error("broken");
      return answer(request, calls);
    });
    await assert.rejects(async () => infer(call(), context()), /broken/);
    for (let count = 0; count < 3; count++)
      assert.equal((await infer(call(), context())).outputs[0]?.data[0], 2);
  });

  it("stays within its memory and forgets what was not asked for the longest time", async () => {
    const store = new AnswerStore(20_000);
    const kept = answer(call(), 1);
    for (let at = 0; at < 100; at++) {
      store.put(`k${at}`, kept, 0);
      store.get("k0");
    }
    assert.ok(store.bytes <= 20_000 && store.bytes > 15_000);
    assert.equal(store.size + store.evictions, 100);
    assert.ok(store.get("k0") && store.get("k99") && !store.get("k1"));
    store.put("large", { ...kept, outputs: [tensor("y", [Array.from({ length: 1000 }, () => 1)])] }, 0);
    assert.equal(store.get("large"), undefined);
    assert.equal(store.invalidate("risk", "1"), store.evictions === 0 ? 100 : 100 - store.evictions);
    assert.equal(store.bytes, 0);
    await refused(() => new AnswerStore(0), /maxBytes/);
  });
});

/** A shared cache in memory, which can be slow or broken. */
class MemoryCache implements SharedCache {
  readonly values = new Map<string, string>();
  wait = 0;
  async get(key: string): Promise<string | undefined> {
    await sleep(this.wait);
    return this.values.get(key);
  }
  async set(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }
  async removeAll(prefix: string): Promise<void> {
    for (const key of this.values.keys()) if (key.startsWith(prefix)) this.values.delete(key);
  }
  async close(): Promise<void> {}
}

describe("A cache that processes share", () => {
  it("gives one process what another had computed, and forgets for both", async () => {
    const shared = new MemoryCache();
    const processes = [0, 1].map(() => {
      const model = new CountedModel();
      const cache = new PredictionCache({ ttlSeconds: () => 60, resolve, shared });
      return { model, cache, infer: cache.wrap(model.infer) };
    });
    const [first, second] = processes;
    assert.ok(first && second);
    await first.infer(call(), context());
    const given = await second.infer(call({ id: "q" }), context());
    assert.deepEqual([given.id, given.outputs[0]?.data[0]], ["q", 1]);
    assert.deepEqual([first.model.calls, second.model.calls], [1, 0]);
    assert.match([...shared.values.keys()][0] ?? "", /^tenon:answers:risk:1:[\w-]{43}$/);
    await first.cache.invalidate("risk", "1");
    assert.equal(shared.values.size, 0);
  });

  it("gives no answers of a package that had the same version before", async () => {
    const shared = new MemoryCache();
    for (const packageId of ["a", "b"]) {
      const model = new CountedModel();
      const cache = new PredictionCache({
        ttlSeconds: () => 60,
        resolve: () => ({ version: "1", packageId, loaded: {} }),
        shared,
      });
      await cache.wrap(model.infer)(call(), context());
      assert.equal(model.calls, 1, packageId);
    }
    assert.equal(shared.values.size, 2);
  });

  it("is as good as empty while it is broken, slow or holds nonsense", async () => {
    const shared = new MemoryCache();
    const model = new CountedModel();
    const cache = new PredictionCache({ ttlSeconds: () => 0.001, resolve, shared });
    const infer = cache.wrap(model.infer);
    await infer(call(), context());
    await sleep(5);
    for (const key of shared.values.keys()) shared.values.set(key, "{}");
    await infer(call(), context());
    await sleep(5);
    shared.wait = 200;
    const begun = performance.now();
    await infer(call(), context());
    assert.ok(performance.now() - begun < 190);
    assert.equal(model.calls, 3);
    assert.equal(cache.sharedFailures, 2);
  });
});

describe("Answers as texts", () => {
  it("come back the same, of every type", () => {
    const outputs = [
      tensor("f", [[1.5, Number.NaN, -0]]),
      { name: "d", datatype: "FP64", shape: [2], data: Float64Array.of(Math.PI, Infinity) },
      { name: "i", datatype: "INT64", shape: [1], data: BigInt64Array.of(-(2n ** 62n)) },
      { name: "b", datatype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) },
      { name: "t", datatype: "BYTES", shape: [1, 2], data: ["a\u0000", "é"] },
    ] as const;
    const given = { ...answer(call(), 1), outputs, parameters: { k: true } };
    assert.deepEqual(parseAnswer(answerText(given)), given);
  });

  it("are refused where they are none", async () => {
    const good = JSON.parse(answerText(answer(call(), 1))) as { outputs: Record<string, unknown>[] };
    for (const [change, message] of [
      [{ shape: [2] }, /has 1 elements/],
      [{ data: "AA==" }, /within an element/],
      [{ data: ["x"] }, /numbers are texts/],
      [{ datatype: "BYTES" }, /texts are bytes/],
      [{ datatype: "FP8" }, /a cached answer/],
    ] as const)
      await refused(
        () => parseAnswer(JSON.stringify({ ...good, outputs: [{ ...good.outputs[0], ...change }] })),
        message,
      );
    await refused(() => parseAnswer("{"), /no JSON/);
  });
});
