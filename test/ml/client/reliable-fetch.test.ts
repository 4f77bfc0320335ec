/** @file Calls to a real server that fails, is late, or is away. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { InferenceError, readEvents, reliableFetch, type ServerEvent } from "../../../ml/client/index.ts";
import { refused } from "../refused.ts";

describe("Calls that are made again", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };

  /** Answers with some statuses, then with 200. */
  const statuses = (...given: number[]): { calls: number; readonly listener: RequestListener } => {
    const state = {
      calls: 0,
      listener: ((request, response) => {
        request.resume();
        state.calls += 1;
        response.writeHead(given.shift() ?? 200).end("body");
      }) as RequestListener,
    };
    return state;
  };

  it("are those that may go better, with the same body", async () => {
    const bodies: string[] = [];
    let calls = 0;
    const url = await serve((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        bodies.push(body);
        calls += 1;
        if (calls === 2) response.destroy();
        else response.writeHead(calls === 1 ? 503 : 200).end();
      });
    });
    const response = await reliableFetch()(url, { method: "POST", body: "x" });
    assert.equal(response.status, 200);
    assert.deepEqual(bodies, ["x", "x", "x"]);
  });

  it("are not those that can't, and no more than was said", async () => {
    for (const status of [400, 401, 404, 500]) {
      const state = statuses(status);
      const url = await serve(state.listener);
      assert.equal((await reliableFetch()(url)).status, status);
      assert.equal(state.calls, 1);
      server?.close();
    }
    const state = statuses(503, 503, 503, 503, 503);
    const response = await reliableFetch({ maxRetries: 2 })(await serve(state.listener));
    assert.deepEqual([response.status, await response.text(), state.calls], [503, "body", 3]);
    await assert.rejects(
      () => reliableFetch({ maxRetries: 1 })("http://127.0.0.1:9/"),
      (error) =>
        error instanceof InferenceError &&
        error.status === undefined &&
        /cannot be reached/.test(error.message),
    );
  });

  it("are a share of the calls when a server fails for long", async () => {
    const state = statuses(...Array.from({ length: 1000 }, () => 503));
    const call = reliableFetch({ retryBudget: 0.1 });
    const url = await serve(state.listener);
    await Promise.all(Array.from({ length: 200 }, () => call(url)));
    assert.ok(state.calls >= 200 && state.calls <= 200 + 10 + 20, String(state.calls));
  });

  it("wait as long as the server asks, and end at the deadline", async () => {
    const times: number[] = [];
    const url = await serve((_, response) => {
      times.push(performance.now());
      response.writeHead(429, { "retry-after": times.length === 1 ? "0.15" : "60" }).end();
    });
    await assert.rejects(() => reliableFetch({ timeout: 400 })(url), /no answer within 400 ms/);
    assert.equal(times.length, 2);
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 145);
    await assert.rejects(
      () => reliableFetch()(url, { signal: AbortSignal.timeout(30) }),
      (error) => error instanceof Error && error.name === "TimeoutError",
    );
  });

  it("are made twice where an answer is late, and the first answer counts", async () => {
    let calls = 0;
    const closed: number[] = [];
    const url = await serve((request, response) => {
      const at = ++calls;
      request.resume();
      response.on("close", () => {
        if (!response.writableFinished) closed.push(at);
      });
      // Only every 30th call is late.
      if (at % 30 === 0) setTimeout(() => response.end("late"), 2000).unref();
      else response.end("quick");
    });
    const call = reliableFetch({ hedgeQuantile: 0.95, retryBudget: 0.5 });
    const begun = performance.now();
    for (let count = 0; count < 60; count++) assert.equal(await (await call(url)).text(), "quick");
    assert.ok(performance.now() - begun < 1900);
    await sleep(20);
    // The late ones were given up.
    assert.deepEqual(closed, [30, 60]);
  });

  it("are so many at a time", async () => {
    let [running, most] = [0, 0];
    const url = await serve((_, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.end();
      }, 10);
    });
    const call = reliableFetch({ maxConnections: 3 });
    await Promise.all(Array.from({ length: 20 }, async () => (await call(url)).text()));
    assert.equal(most, 3);
    const gone = new AbortController();
    const waiting = Array.from({ length: 4 }, () => call(url, { signal: gone.signal }));
    gone.abort();
    for (const each of await Promise.allSettled(waiting)) assert.equal(each.status, "rejected");
    assert.equal((await call(url)).status, 200);
  });

  it("have options within their ranges", async () => {
    await refused(() => reliableFetch({ timeout: 0 }), /timeout must be/);
    await refused(() => reliableFetch({ maxConnections: 0 }), /maxConnections must be/);
    await refused(() => reliableFetch({ retryBudget: Number.NaN }), /retryBudget must be/);
  });
});

describe("Events of a stream", () => {
  it("are read as the standard says, wherever the bytes are cut", async () => {
    const text =
      "\u{1F600}: a comment\r\n\r\ndata: first\ndata:second\n\nevent: token\rdata: é\rid: 7\r\rdata\n\nretry: 10\n\nother: x\ndata: last\r\n\r\ndata: cut off";
    const expected = [
      { event: "message", data: "first\nsecond", id: "" },
      { event: "token", data: "é", id: "7" },
      { event: "message", data: "", id: "7" },
      { event: "message", data: "last", id: "7" },
    ];
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 7, 1000]) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const events: ServerEvent[] = [];
      for await (const event of readEvents(body)) events.push(event);
      assert.deepEqual(events, expected, String(size));
    }
  });
});
