/** @file Connections that are careless, slow or hostile, and a server that ends, over real sockets. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { Random } from "../../../ml/random.ts";
import type { RunningService, Wrapper } from "../../../ml/serve/index.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask, post, serveModels } from "./served-loans.ts";

const row = Array.from({ length: 32 }, (_, at) => at / 32);
const body = JSON.stringify({ inputs: [{ name: "x", shape: [1, 32], datatype: "FP32", data: row }] });

/** A request as it is on the wire. */
function wire(path: string, content: string, headers = ""): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`;
}

async function open({ port }: RunningService): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

describe("connections", () => {
  let folder: string;
  let service: RunningService;
  const path = "/v2/models/m/infer";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-connections-"));
    await writeMatrixModel(join(folder, "m"));
    service = await serveModels(join(folder, "m"), { maxBodyBytes: 100_000, reloadInterval: 0 });
  });
  after(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const assertAlive = async (): Promise<void> => assert.equal((await post(service, path, body)).status, 200);

  it("answer pipelined requests in their order", async () => {
    const socket = await open(service);
    const requests = Array.from({ length: 20 }, (_, at) =>
      at % 5 === 3 ? wire(path, "{") : wire(path, body.replace("{", `{"id":"${at}",`)),
    );
    socket.write(requests.join(""));
    let seen = "";
    while (seen.split("HTTP/1.1 ").length <= 20 || !/"id":"19".*\]\}$/s.test(seen))
      seen += String((await once(socket, "data"))[0]);
    const found = seen
      .split("HTTP/1.1 ")
      .slice(1)
      .map((answer) =>
        answer.startsWith("200") ? (/"id":"(\d+)"/.exec(answer)?.[1] ?? "") : answer.slice(0, 3),
      );
    assert.deepEqual(
      found,
      requests.map((_, at) => (at % 5 === 3 ? "400" : String(at))),
    );
    socket.destroy();
  });

  it("may send byte by byte, in chunks, and compressed", async () => {
    const socket = await open(service);
    const request = wire(path, body);
    for (let at = 0; at < request.length; at += 7) {
      socket.write(request.slice(at, at + 7));
      if (at % 70 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 200/);
    const half = body.length >> 1;
    const chunks = [body.slice(0, half), body.slice(half)]
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join("");
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 200/);
    socket.destroy();
    const compressed = async (content: Uint8Array, encoding: string): Promise<number> =>
      (await ask(service, path, { method: "POST", body: content, headers: { "content-encoding": encoding } }))
        .status;
    assert.equal(await compressed(gzipSync(body), "gzip"), 200);
    assert.equal(await compressed(gzipSync(body).subarray(4), "gzip"), 400);
    assert.equal(await compressed(gzipSync(Buffer.alloc(10_000_000)), "gzip"), 413);
    assert.equal(await compressed(gzipSync(body), "br2"), 400);
  });

  it("are told of what is too large, unknown or by the wrong method", async () => {
    assert.equal((await post(service, path, " ".repeat(200_000))).status, 413);
    const socket = await open(service);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`);
    assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 413/);
    await once(socket, "close");
    assert.equal((await ask(service, "/v2/models/m/nothing")).status, 404);
    assert.equal((await ask(service, path)).status, 405);
    assert.equal((await ask(service, "/%zz")).status, 404);
    await assertAlive();
  });

  it("that send anything at all end nothing", async () => {
    const random = new Random(11);
    const request = wire(path, body);
    for (let round = 0; round < 150; round++) {
      const socket = await open(service);
      socket.on("error", () => {});
      const bytes = Buffer.from(request);
      for (let change = 0; change < 1 + round / 20; change++)
        bytes[Math.floor(random.uniform() * bytes.length)] = Math.floor(random.uniform() * 256);
      socket.write(
        bytes.subarray(0, random.uniform() < 0.3 ? Math.floor(random.uniform() * bytes.length) : undefined),
      );
      if (random.uniform() < 0.5) socket.end();
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
    }
    await assertAlive();
  });

  it("that send any JSON get an answer that is no fault of the server's", async () => {
    const random = new Random(12);
    const values = [
      "1",
      "-1",
      "1e999",
      "null",
      "true",
      '"x"',
      "[]",
      "{}",
      "[[1]]",
      '"\\ud800"',
      "1e308",
      "[".repeat(5000),
    ];
    const paths = [path, "/invocations", "/v1/models/m:predict"];
    const texts = [
      body,
      '{"instances":[[1,2]]}',
      '{"inputs":{"x":[[1]]}}',
      '{"dataframe_split":{"columns":["x"],"data":[[1]]}}',
    ];
    for (let round = 0; round < 400; round++) {
      const text = texts[round % texts.length] ?? "";
      const places = [...text.matchAll(/[[{,:]/g)].map(({ index }) => index + 1);
      const at = places[Math.floor(random.uniform() * places.length)] ?? 0;
      const value = values[Math.floor(random.uniform() * values.length)] ?? "";
      const rest = random.uniform() < 0.5 ? text.slice(at) : text.slice(at).replace(/^[^,\]}]*/, "");
      const { status } = await post(
        service,
        paths[round % paths.length] ?? "",
        text.slice(0, at) + value + rest,
      );
      assert.ok(status === 200 || status === 400, `${status}: ${text.slice(0, at) + value + rest}`);
    }
  });

  it("have their answer when the server ends, and no new ones begin", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const wait: Wrapper = (next) => async (request, context) => {
      await held;
      return await next(request, context);
    };
    const ending = await serveModels(join(folder, "m"), { wrappers: [wait], reloadInterval: 0 });
    const idle = await open(ending);
    const under = Array.from({ length: 5 }, async () => await post(ending, path, body));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = ending.close();
    await once(idle, "close");
    await assert.rejects(open(ending));
    release();
    for (const { status, headers } of await Promise.all(under)) {
      assert.equal(status, 200);
      assert.equal(headers.get("connection"), "close");
    }
    await closed;
  });

  it("that have gone stop what is computed for them, and deadlines what takes too long", async () => {
    const seen: AbortSignal[] = [];
    const endless: Wrapper =
      () =>
      async (_, { signal }) => {
        if (signal) seen.push(signal);
        return await new Promise(() => {});
      };
    const slow = await serveModels(join(folder, "m"), {
      wrappers: [endless],
      reloadInterval: 0,
      drainTimeout: 50,
    });
    const caller = new AbortController();
    const asked = fetch(slow.url + path, { method: "POST", body, signal: caller.signal });
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    caller.abort();
    await assert.rejects(asked);
    while (!seen[0]?.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    const late = await post(service, path, body.replace("{", '{"parameters":{"timeout":0.001},'));
    assert.equal(late.status, 504);
    await slow.close();
  });

  it("of the command are answered, and SIGTERM ends it when all have their answer", async () => {
    const { execArgv, execPath } = process;
    const main = join(import.meta.dirname, "../../../cli/main.ts");
    const command = spawn(
      execPath,
      [...execArgv, "--import", "tsx", main, "serve", join(folder, "m"), "--port", "0"],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const line = String((await once(command.stdout, "data"))[0]);
    assert.match(line, /^http:\/\/127\.0\.0\.1:\d+ serves m\n$/);
    const url = line.split(" ")[0];
    assert.equal((await fetch(`${url}${path}`, { method: "POST", body })).status, 200);
    const errors = textOf(command.stderr);
    command.kill("SIGTERM");
    const [code] = await once(command, "exit");
    assert.equal(code, 0, await errors);
  });
});
