/** @file Clients that open too many connections, say too little, take nothing or reset what they asked, over real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2, constants, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { startServing, type Handler, type RunningService } from "../../../ml/serve/index.ts";
import { networkOf } from "../../../ml/serve/limits/connection-limit.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import { type OperationsInput, parseOperations } from "../../../ml/serve/operations/settings.ts";
import { refused } from "../refused.ts";
import { inferenceClient } from "./grpc/grpc-client.ts";
import { ask, post } from "./served-loans.ts";

/** Gives a text as long as it is asked for. */
const long: Handler = {
  name: "long",
  signature: {
    inputs: [{ name: "count", type: "float64", dtype: "float64", required: true }],
    outputs: [{ name: "y", type: "string" }],
  },
  predict: ({ inputs }) => ({ y: ["x".repeat(Number(inputs["count"]?.[0]))] }),
};
const asking = (count: number): string =>
  JSON.stringify({ inputs: [{ name: "count", shape: [1], datatype: "FP64", data: [count] }] });
const path = "/v2/models/long/infer";
const wire = (body: string, length = body.length): string =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${body}`;

describe("Clients that would hold the server", function () {
  this.timeout(30_000);
  let service: RunningService | undefined;
  let operations: Operations | undefined;
  const sockets: Socket[] = [];

  const start = async (connections: NonNullable<OperationsInput["limits"]>["connections"]) => {
    operations = await openOperations(parseOperations({ limits: { connections } }), {
      onError: (error) => assert.fail(String(error)),
    });
    service = await startServing({ models: [], handlers: [long], port: 0, ...operations.serving });
    return service;
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await service?.close();
    await operations?.close();
  });

  /** A connection, and when it ends. */
  const dial = (
    { port }: RunningService,
    localAddress = "127.0.0.1",
  ): { readonly socket: Socket; readonly closed: Promise<unknown> } => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    sockets.push(socket);
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    return { socket, closed };
  };
  const answersOn = async (socket: Socket): Promise<void> => {
    socket.write(wire(asking(1)));
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 200/);
  };
  const within = async (promise: Promise<unknown>, milliseconds: number): Promise<number> => {
    const begun = performance.now();
    await Promise.race([promise, sleep(milliseconds, undefined, { ref: false })]);
    const took = performance.now() - begun;
    assert.ok(took < milliseconds, `still there after ${took} ms`);
    return took;
  };

  // Node gives an idle connection its time, or a second more.
  for (const unreadSeconds of [1, 2])
    it(`who took a long answer is idle afterwards, also where both times are the same: ${unreadSeconds}`, async () => {
      const { socket, closed } = dial(await start({ idleSeconds: 1, unreadSeconds }));
      const count = 20_000_000;
      let taken = 0;
      const whole = new Promise<void>((resolve) =>
        socket.on("data", (chunk) => {
          taken += chunk.length;
          if (taken > count) resolve();
        }),
      );
      socket.write(wire(asking(count)));
      await whole;
      await within(closed, 6000);
    });

  it("get no more connections than an address may have, and all together may have", async () => {
    const served = await start({ max: 5, maxPerAddress: 3 });
    const first = [1, 2, 3].map(() => dial(served));
    for (const { socket } of first) await answersOn(socket);
    await within(dial(served).closed, 2000);
    const others = ["127.0.0.2", "127.0.0.3"].map((address) => dial(served, address));
    for (const { socket } of others) await answersOn(socket);
    await within(dial(served, "127.0.0.4").closed, 2000);
    // Who has one keeps it, and one that ends makes room.
    for (const { socket } of [...first, ...others]) await answersOn(socket);
    first[0]?.socket.destroy();
    await sleep(50);
    const { text } = await ask(served, "/metrics", { headers: { connection: "close" } });
    assert.match(text, /tenon_connections 5\n/);
    assert.match(text, /tenon_connections_refused_total\{reason="total"\} 1\n/);
    assert.match(text, /tenon_connections_refused_total\{reason="address"\} 1\n/);
  });

  it("lose the connection on which a head comes byte by byte, whatever it begins with", async () => {
    const served = await start({ headSeconds: 0.4 });
    for (const head of [wire("").slice(0, 60), "PRI * HTT", "GET / HTTP/1.1\r\nx: "]) {
      const { socket, closed } = dial(served);
      const begun = performance.now();
      const drip = setInterval(() => {
        const at = Math.floor((performance.now() - begun) / 40);
        if (!socket.destroyed) socket.write(head[at] ?? "x");
      }, 40);
      await within(closed, 3000).finally(() => clearInterval(drip));
    }
    await within(dial(served).closed, 3000);
    assert.equal((await post(served, path, asking(1))).status, 200);
  });

  it("lose the connection on which a body doesn't come, and that they leave idle", async () => {
    const served = await start({ headSeconds: 0.2, requestSeconds: 0.5, idleSeconds: 0.3 });
    const slow = dial(served);
    let said = "";
    slow.socket.setEncoding("latin1").on("data", (part: string) => (said += part));
    slow.socket.write(wire("{", 1000));
    const drip = setInterval(() => {
      if (!slow.socket.destroyed) slow.socket.write(" ");
    }, 40);
    await within(slow.closed, 4000).finally(() => clearInterval(drip));
    assert.match(said, /^HTTP\/1\.1 408/);
    const idle = dial(served);
    await answersOn(idle.socket);
    const rest = await within(idle.closed, 4000);
    assert.ok(rest > 200, String(rest));
  });

  it("have together so much of bodies that aren't whole, and no more once they have gone", async () => {
    // Of each body the first part, of at most 64 KiB, isn't counted: 80,000 bytes count for 14,464 at least.
    const body = 100_000;
    service = await startServing({ models: [], handlers: [long], port: 0, maxBodyBytes: body });
    const served = service;
    const whole = asking(1) + " ".repeat(80_000);
    for (let round = 0; round < 2; round++) {
      const refusals: string[] = [];
      const clients = Array.from({ length: 80 }, () => {
        const { socket, closed } = dial(served);
        socket.setEncoding("latin1").on("data", (part: string) => refusals.push(part));
        socket.write(wire(whole.slice(0, -1), whole.length));
        return { socket, closed };
      });
      await within(
        (async () => {
          while (refusals.length === 0) await sleep(10);
        })(),
        5000,
      );
      for (const refusal of refusals) assert.match(refusal, /^HTTP\/1\.1 503 [^]*retry-after: 1/);
      for (const { socket } of clients) socket.destroy();
      await Promise.all(clients.map(async ({ closed }) => await closed));
      await sleep(50);
      assert.equal((await post(served, path, whole)).status, 200);
    }
  });

  it("lose the connection on which they take nothing of an answer, and not where they are slow to", async () => {
    const served = await start({ unreadSeconds: 1.5 });
    const [deaf, slow] = [dial(served), dial(served)];
    let taken = 0;
    slow.socket.on("data", (part: Buffer) => {
      taken += part.length;
      if (taken < 1_000_000) return;
      taken = 0;
      slow.socket.pause();
      setTimeout(() => slow.socket.resume(), 150);
    });
    deaf.socket.pause();
    for (const { socket } of [deaf, slow]) socket.write(wire(asking(20_000_000)));
    const begun = performance.now();
    // Counted in this process: a client that asked for it would have a connection too.
    const open = (): unknown =>
      operations?.metrics.snapshot().find(({ name }) => name === "tenon_connections")?.series;
    while (!isDeepStrictEqual(open(), [{ labels: {}, value: 2 }])) await sleep(10);
    while (!isDeepStrictEqual(open(), [{ labels: {}, value: 1 }])) {
      assert.ok(performance.now() - begun < 10_000);
      await sleep(20);
    }
    while (slow.socket.bytesRead < 18_000_000) {
      assert.ok(performance.now() - begun < 20_000);
      await sleep(50);
    }
    assert.ok(performance.now() - begun > 2000);
    // What was read slowly may be asked again.
    await sleep(2000);
    assert.ok(!slow.socket.destroyed);
    await answersOn(slow.socket);
  });

  it("have so many streams a connection, and lose one on which they reset them as fast as they open", async () => {
    const served = await start({});
    const address = `127.0.0.1:${served.port}`;
    const client = inferenceClient(address);
    assert.equal((await client.call("ServerLive", {}))["live"], true);
    const hostile = connectHttp2(`http://${address}`);
    hostile.on("error", () => {});
    await once(hostile, "remoteSettings");
    assert.equal(hostile.remoteSettings.maxConcurrentStreams, 256);
    const ended = new Promise((resolve) => hostile.once("close", resolve));
    const opened = await resetFast(hostile, 20_000);
    await within(ended, 5000);
    assert.ok(opened < 20_000, String(opened));
    assert.equal((await client.call("ServerLive", {}))["live"], true);
    assert.equal((await post(served, path, asking(1))).status, 200);
    client.close();
  });

  it("lose the call of gRPC whose message doesn't come", async () => {
    const served = await start({ requestSeconds: 0.3 });
    const session = connectHttp2(`http://127.0.0.1:${served.port}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ModelInfer",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.write(Buffer.from([0, 0, 0, 1]));
    const [trailers] = await once(stream, "response");
    // DEADLINE_EXCEEDED
    assert.equal(Number(Object(trailers)["grpc-status"]), 4);
    session.destroy();
  });

  it("are counted by networks, and bounds are counts", async () => {
    for (const [address, network] of [
      ["10.1.2.3", "10.1.2.3"],
      ["::ffff:10.1.2.3", "10.1.2.3"],
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
      ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
      ["2001:db8::9", "2001:db8:0:0::/64"],
      ["fe80::1%eth0", "fe80:0:0:0::/64"],
      ["::1", "0:0:0:0::/64"],
      ["", ""],
    ] as const)
      assert.equal(networkOf(address), network);
    await refused(() => parseOperations({ limits: { connections: { max: 0 } } }), /connections\.max/);
    await refused(
      () => parseOperations({ limits: { connections: { headSeconds: -1 } } }),
      /connections\.headSeconds/,
    );
  });
});

/** Opens streams and resets each at once, until the connection ends; how many. */
async function resetFast(session: ClientHttp2Session, most: number): Promise<number> {
  let opened = 0;
  while (opened < most && !session.closed && !session.destroyed) {
    for (let at = 0; at < 100 && !session.closed && !session.destroyed; at++) {
      const stream = session.request({
        ":method": "POST",
        ":path": "/inference.GRPCInferenceService/ModelInfer",
        "content-type": "application/grpc",
      });
      stream.on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
      opened += 1;
    }
    await sleep(1);
  }
  return opened;
}
