import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Infer, type InferenceResponse, ServingError } from "../../../ml/serve/inference.ts";
import { admittedInfer } from "../../../ml/serve/limits/admission.ts";
import { breakingInfer } from "../../../ml/serve/limits/breaking-infer.ts";
import { CircuitBreaker } from "../../../ml/serve/limits/circuit-breaker.ts";
import { requireComplexity } from "../../../ml/serve/limits/complexity.ts";
import { LoopDelay, sheddingInfer } from "../../../ml/serve/limits/loop-delay.ts";
import { PriorityQueue } from "../../../ml/serve/limits/priority-queue.ts";
import { admitAtRate, RateLimiter } from "../../../ml/serve/limits/rate-limiter.ts";
import { refused } from "../refused.ts";
import { answer, call, context, tensor } from "./calls.ts";

/** A model whose calls end when the test says so. */
class HeldModel {
  readonly begun: string[] = [];
  readonly #ends: (() => void)[] = [];

  readonly infer: Infer = (request) => {
    this.begun.push(request.id ?? "");
    return new Promise<InferenceResponse>((resolve) =>
      this.#ends.push(() => resolve(answer(request, this.begun.length))),
    );
  };

  async end(): Promise<void> {
    this.#ends.shift()?.();
    await sleep(0);
  }
}

function kind(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof ServingError && error.kind === expected;
}

describe("A queue by priority", () => {
  it("keeps its order when some are let go of", () => {
    const queue = new PriorityQueue<number>();
    for (let at = 0; at < 100; at++) queue.push(at, (at * 7) % 10);
    queue.keep((item) => item % 3 === 0);
    assert.equal(queue.length, 34);
    queue.push(1000, 9.5);
    const found: number[] = [];
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) found.push(item);
    const priority = (item: number): number => (item === 1000 ? 9.5 : (item * 7) % 10);
    const expected = [...found].sort((a, b) => priority(b) - priority(a) || a - b);
    assert.deepEqual(found, expected);
    assert.equal(found.length, 35);
  });
});

describe("Calls that wait for a model that hangs", () => {
  it("are let go of when their callers have gone", async () => {
    const { infer, admissions } = admittedInfer(
      () => new Promise(() => {}),
      () => ({ maxConcurrency: 1, maxQueue: 10 }),
    );
    void infer(call(), context());
    for (let round = 0; round < 60; round++) {
      const late = Array.from(
        { length: 10 },
        async () => await infer(call(), context({ deadline: performance.now() + 1 })),
      );
      for (const end of await Promise.allSettled(late)) assert.equal(end.status, "rejected");
    }
    assert.equal(admissions.get("risk")?.queued, 0);
    assert.ok(Number(admissions.get("risk")?.held) < 200);
  });
});

describe("Rate limits of clients", () => {
  it("let a burst through, then one call each interval, for each client on its own", () => {
    const limiter = new RateLimiter({ requestsPerSecond: 10, burst: 3 });
    const taken = [0, 0, 0, 0].map(() => limiter.take("a", 1000));
    assert.deepEqual(taken, [0, 0, 0, 100]);
    assert.equal(limiter.take("b", 1000), 0);
    assert.equal(limiter.take("a", 1099), 1);
    assert.equal(limiter.take("a", 1100), 0);
    assert.equal(limiter.refused, 2);
    // After a rest the whole burst is there again, and no more.
    assert.deepEqual(
      [0, 0, 0, 0].map(() => limiter.take("a", 60_000) === 0),
      [true, true, true, false],
    );
  });

  it("let the long-run rate through exactly", () => {
    const limiter = new RateLimiter({ requestsPerSecond: 7, burst: 5 });
    let passed = 0;
    for (let now = 0; now < 60_000; now += 3) if (limiter.take("a", now) === 0) passed += 1;
    assert.ok(Math.abs(passed - (7 * 60 + 4)) <= 1, String(passed));
  });

  it("forget clients beyond their number", () => {
    const limiter = new RateLimiter({ requestsPerSecond: 1, burst: 1, maxClients: 2 });
    for (const client of ["a", "b", "c"]) assert.equal(limiter.take(client, 0), 0);
    assert.ok(limiter.take("c", 0) > 0);
    assert.equal(limiter.take("a", 0), 0);
  });

  it("tell the caller when to come back, by name before address", () => {
    const admit = admitAtRate(new RateLimiter({ requestsPerSecond: 0.5, burst: 1 }));
    admit({ name: "team", address: "1.2.3.4" });
    assert.throws(
      () => admit({ name: "team", address: "5.6.7.8" }),
      (error) =>
        error instanceof ServingError && error.kind === "rate-limited" && (error.retryAfter ?? 0) > 1.9,
    );
    admit({ name: undefined, address: "1.2.3.4" });
  });

  it("are refused where they are none", async () => {
    await refused(() => new RateLimiter({ requestsPerSecond: 0, burst: 1 }), /requestsPerSecond must be/);
    await refused(() => new RateLimiter({ requestsPerSecond: Number.NaN, burst: 1 }), /requestsPerSecond/);
    await refused(() => new RateLimiter({ requestsPerSecond: 1, burst: 0 }), /burst must be/);
  });
});

describe("The queue of a model", () => {
  it("gives the highest priority first, and the earliest among equals", () => {
    const queue = new PriorityQueue<number>();
    const priorities = Array.from({ length: 200 }, (_, at) => (at * 7919) % 5);
    for (const [at, priority] of priorities.entries()) queue.push(at, priority);
    const given = Array.from(priorities, () => queue.shift() ?? -1);
    const expected = priorities
      .map((priority, at) => ({ priority, at }))
      .sort((first, second) => second.priority - first.priority || first.at - second.at);
    assert.deepEqual(
      given,
      expected.map(({ at }) => at),
    );
    assert.equal(queue.shift(), undefined);
  });

  it("keeps answers that are there at once synchronous", () => {
    const { infer } = admittedInfer(
      (request) => answer(request, 1),
      () => ({ maxConcurrency: 1, maxQueue: 0 }),
    );
    assert.ok(!(infer(call(), context()) instanceof Promise));
    assert.ok(!(infer(call(), context()) instanceof Promise));
  });

  it("runs so many at a time, has so many wait, and refuses the rest with a time to come back", async () => {
    const model = new HeldModel();
    const { infer, admissions } = admittedInfer(model.infer, () => ({ maxConcurrency: 2, maxQueue: 2 }));
    const answers = ["a", "b", "c", "d"].map((id) => Promise.resolve(infer(call({ id }), context())));
    assert.throws(
      () => infer(call({ id: "e" }), context()),
      (error) => {
        assert.ok(error instanceof ServingError && error.kind === "overloaded");
        return (error.retryAfter ?? 0) >= 1;
      },
    );
    assert.deepEqual(model.begun, ["a", "b"]);
    for (const _ of answers) await model.end();
    assert.deepEqual(
      (await Promise.all(answers)).map(({ id }) => id),
      ["a", "b", "c", "d"],
    );
    const admission = admissions.get("risk");
    assert.deepEqual([admission?.running, admission?.queued, admission?.refused], [0, 0, 1]);
  });

  it("starts the most urgent first and leaves out who has gone or is late", async () => {
    const model = new HeldModel();
    const { infer, admissions } = admittedInfer(model.infer, () => ({ maxConcurrency: 1, maxQueue: 10 }));
    const gone = new AbortController();
    const first = infer(call({ id: "first" }), context());
    const low = infer(call({ id: "low" }), context({ priority: -1 }));
    const left = infer(call({ id: "left" }), context({ signal: gone.signal }));
    const late = infer(call({ id: "late" }), context({ deadline: performance.now() + 10 }));
    const urgent = infer(call({ id: "urgent" }), context({ priority: 5 }));
    const refusals = [
      assert.rejects(async () => left, kind("cancelled")),
      assert.rejects(async () => late, kind("deadline")),
    ];
    gone.abort();
    await Promise.all(refusals);
    for (let count = 0; count < 3; count++) await model.end();
    await Promise.all([first, low, urgent]);
    assert.deepEqual(model.begun, ["first", "urgent", "low"]);
    const admission = admissions.get("risk");
    assert.deepEqual([admission?.running, admission?.queued, admission?.expired], [0, 0, 1]);
  });

  it("keeps the place of a call that was given up until the model is done", async () => {
    const model = new HeldModel();
    const { infer } = admittedInfer(model.infer, () => ({ maxConcurrency: 1, maxQueue: 1 }));
    await assert.rejects(
      async () => infer(call({ id: "slow" }), context({ deadline: performance.now() + 5 })),
      kind("deadline"),
    );
    const next = infer(call({ id: "next" }), context());
    await sleep(5);
    assert.deepEqual(model.begun, ["slow"]);
    await model.end();
    assert.deepEqual(model.begun, ["slow", "next"]);
    await model.end();
    assert.equal((await next).id, "next");
    assert.throws(() => infer(call(), context({ deadline: performance.now() - 1 })), kind("deadline"));
  });

  it("goes on after models that throw, at once or later", async () => {
    let isFailing = true;
    const { infer, admissions } = admittedInfer(
      (request) => {
        if (isFailing) throw new ServingError("internal", "broken");
        return request.id === "later" ? Promise.reject(new Error("broken")) : answer(request, 1);
      },
      () => ({ maxConcurrency: 1, maxQueue: 1 }),
    );
    assert.throws(() => infer(call(), context()), kind("internal"));
    isFailing = false;
    await assert.rejects(async () => infer(call({ id: "later" }), context()), /broken/);
    await sleep(0);
    assert.equal((await infer(call({ id: "x" }), context())).id, "x");
    assert.equal(admissions.get("risk")?.running, 0);
  });

  it("keeps nothing of names that are no models", () => {
    const { infer, admissions } = admittedInfer(
      (request) => answer(request, 1),
      () => undefined,
    );
    void infer(call({ model: "made up" }), context());
    assert.equal(admissions.size, 0);
  });

  it("holds its bound through a storm of calls that come, wait, go and fail", async () => {
    let [running, most] = [0, 0];
    const { infer, admissions } = admittedInfer(
      async (request) => {
        running += 1;
        most = Math.max(most, running);
        await sleep(Number(request.id) % 3);
        running -= 1;
        if (Number(request.id) % 7 === 0) throw new Error("broken");
        return answer(request, Number(request.id));
      },
      () => ({ maxConcurrency: 4, maxQueue: 1000 }),
    );
    const ends = await Promise.allSettled(
      Array.from({ length: 300 }, async (_, id) =>
        infer(
          call({ id: String(id) }),
          context({
            priority: id % 3,
            deadline: id % 5 === 0 ? performance.now() + 20 : Infinity,
            signal: id % 11 === 0 ? AbortSignal.timeout(10) : undefined,
          }),
        ),
      ),
    );
    while ((admissions.get("risk")?.running ?? 0) > 0) await sleep(5);
    assert.equal(most, 4);
    assert.equal(admissions.get("risk")?.queued, 0);
    for (const [id, end] of ends.entries())
      if (end.status === "fulfilled") assert.equal(end.value.id, String(id));
  });
});

const circuit = { failureRate: 0.5, minimumRequests: 4, windowSeconds: 10, openSeconds: 5, trialRequests: 2 };

describe("The circuit of a model", () => {
  it("opens when too many calls fail, tries after a while, and closes when all trials go well", () => {
    const breaker = new CircuitBreaker(circuit);
    breaker.succeeded("pass", 0);
    breaker.succeeded("pass", 0);
    breaker.failed("pass", 10);
    assert.equal(breaker.state, "closed");
    breaker.failed("pass", 20);
    assert.equal(breaker.state, "open");
    assert.equal(breaker.ask(5019), "refuse");
    assert.deepEqual([breaker.ask(5020), breaker.ask(5020), breaker.ask(5020)], ["trial", "trial", "refuse"]);
    breaker.succeeded("trial", 5030);
    breaker.abandoned("trial");
    assert.equal(breaker.ask(5031), "trial");
    breaker.succeeded("trial", 5040);
    assert.equal(breaker.state, "closed");
    breaker.failed("pass", 5050);
    assert.equal(breaker.state, "closed");
  });

  it("stays open when a trial fails, and forgets failures that are long ago", () => {
    const breaker = new CircuitBreaker(circuit);
    for (const now of [0, 0, 0]) breaker.failed("pass", now);
    breaker.failed("pass", 20_000);
    assert.equal(breaker.state, "closed");
    for (const now of [20_001, 20_002, 20_003]) breaker.failed("pass", now);
    assert.equal(breaker.state, "open");
    assert.equal(breaker.ask(26_000), "trial");
    breaker.failed("trial", 26_001);
    assert.equal(breaker.state, "open");
    assert.equal(breaker.opened, 2);
    assert.equal(breaker.ask(26_002), "refuse");
  });

  it("has another model or the last answer serve meanwhile, or refuses", () => {
    const failing: Infer = (request) => {
      if (request.model !== "plain") throw new ServingError("internal", "broken");
      return answer(request, 7);
    };
    const { infer } = breakingInfer(failing, {
      settings: (model) => ({
        ...circuit,
        ...(model === "risk" && { fallback: { kind: "model", model: "plain", version: "3" } }),
        ...(model === "cached" && { fallback: { kind: "cached" } }),
      }),
      lastAnswer: (request) => answer(request, 9),
    });
    for (const model of ["risk", "cached", "alone"])
      for (let count = 0; count < 4; count++)
        assert.throws(() => infer(call({ model }), context()), kind("internal"));
    const other = infer(call(), context());
    assert.ok(!(other instanceof Promise));
    assert.deepEqual([other.model, other.version, other.parameters?.["fallback"]], ["plain", "3", "plain"]);
    const last = infer(call({ model: "cached", id: "q" }), context());
    assert.ok(!(last instanceof Promise));
    assert.deepEqual(
      [last.id, last.outputs[0]?.data, last.parameters],
      ["q", Float32Array.of(9), { fallback: "cached" }],
    );
    assert.throws(
      () => infer(call({ model: "alone" }), context()),
      (error) =>
        error instanceof ServingError && error.kind === "unavailable" && error.retryAfter !== undefined,
    );
  });

  it("is not left open by trials that never end", () => {
    const breaker = new CircuitBreaker(circuit);
    for (let count = 0; count < 4; count++) breaker.failed("pass", 0);
    assert.deepEqual([breaker.ask(5000), breaker.ask(5000), breaker.ask(9999)], ["trial", "trial", "refuse"]);
    assert.deepEqual(
      [breaker.ask(10_000), breaker.ask(10_000), breaker.ask(10_001)],
      ["trial", "trial", "refuse"],
    );
    for (const now of [10_002, 10_003]) breaker.succeeded("trial", now);
    assert.equal(breaker.state, "closed");
  });

  it("is made for versions that are there, whatever callers made up", () => {
    const isThere = (version: string | undefined): boolean => Number(version) > 100;
    const { infer, circuits } = breakingInfer(
      () => {
        throw new ServingError("internal", "broken");
      },
      { settings: (_, version) => (isThere(version) ? circuit : undefined) },
    );
    for (let version = 0; version < 100; version++)
      assert.throws(() => infer(call({ version: String(version) }), context()), kind("internal"));
    assert.equal(circuits.get("risk"), undefined);
    for (let version = 101; version < 301; version++)
      assert.throws(() => infer(call({ version: String(version) }), context()), kind("internal"));
    assert.equal(circuits.get("risk")?.size, 64);
    for (let count = 0; count < 3; count++)
      assert.throws(() => infer(call({ version: "300" }), context()), kind("internal"));
    assert.throws(() => infer(call({ version: "300" }), context()), kind("unavailable"));
  });

  it("does not count what is the caller's fault", () => {
    const { infer, circuits } = breakingInfer(
      () => {
        throw new ServingError("invalid", "wrong shape");
      },
      { settings: () => circuit },
    );
    for (let count = 0; count < 20; count++) assert.throws(() => infer(call(), context()), kind("invalid"));
    assert.equal(circuits.get("risk")?.get("")?.breaker.state, "closed");
  });

  it("counts deadlines that passed in the model, and none that passed before it", () => {
    let isBeforeModel = true;
    const { infer, circuits } = breakingInfer(
      () => {
        throw new ServingError("deadline", "too late", { isBeforeModel });
      },
      { settings: () => circuit },
    );
    for (let count = 0; count < 20; count++) assert.throws(() => infer(call(), context()), kind("deadline"));
    const breaker = circuits.get("risk")?.get("")?.breaker;
    assert.equal(breaker?.state, "closed");
    isBeforeModel = false;
    for (let count = 0; count < 4; count++) assert.throws(() => infer(call(), context()), kind("deadline"));
    assert.equal(breaker?.state, "open");
  });
});

describe("The bounds of one call and of the process", () => {
  it("refuse too many rows or elements", () => {
    const bounds = { maxRows: 3, maxElements: 8 };
    requireComplexity(call({ inputs: [tensor("x", [[1], [2], [3]])] }), bounds);
    assert.throws(
      () => requireComplexity(call({ inputs: [tensor("x", [[1], [2], [3], [4]])] }), bounds),
      /has 4 rows/,
    );
    const wide = [tensor("a", [[1, 2, 3, 4, 5]]), tensor("b", [[1, 2, 3, 4]])];
    assert.throws(() => requireComplexity(call({ inputs: wide }), bounds), kind("too-large"));
  });

  it("refuse ordinary calls while the event loop is late", async () => {
    const loop = new LoopDelay(20);
    try {
      const infer = sheddingInfer((request) => answer(request, 1), loop);
      void infer(call(), context());
      const until = performance.now() + 250;
      while (performance.now() < until);
      await sleep(0);
      assert.throws(() => infer(call(), context()), kind("unavailable"));
      void infer(call(), context({ priority: 1 }));
      assert.equal(loop.refused, 1);
    } finally {
      loop.close();
    }
  });
});
