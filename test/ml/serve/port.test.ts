import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { inferenceClient } from "./grpc/grpc-client.ts";
import { echo, type OpenPort, openPort, serviceOf } from "./grpc/small-service.ts";

describe("a port for HTTP/1.1 and HTTP/2", () => {
  let port: OpenPort;
  const sockets: Socket[] = [];
  const dial = async (): Promise<Socket> => {
    const socket = connect(port.port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  before(async () => {
    port = await openPort(serviceOf(echo), { firstBytesTimeout: 300 });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await port.close();
  });

  it("answers both, side by side", async () => {
    const client = inferenceClient(port.address);
    const asked = Array.from({ length: 50 }, async (_, at) => {
      if (at % 2 === 0) return (await fetch(`http://${port.address}/`)).text();
      return (await client.call("ServerLive", {}))["live"];
    });
    assert.deepEqual(
      await Promise.all(asked),
      asked.map((_, at) => (at % 2 === 0 ? "one" : true)),
    );
    client.close();
  });

  it("waits for first bytes that come one by one", async () => {
    for (const head of [
      "PROPFIND / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
      "PUT / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    ]) {
      const socket = await dial();
      let text = "";
      socket.setEncoding("latin1").on("data", (part: string) => (text += part));
      for (const byte of head.slice(0, 8)) {
        socket.write(byte);
        await setTimeout(10);
      }
      socket.write(head.slice(8));
      await once(socket, "close");
      assert.match(text, /^HTTP\/1\.1 200 [^]*one/);
    }
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const socket = await dial();
    for (const byte of preface) {
      socket.write(byte);
      await setTimeout(5);
    }
    // Our SETTINGS, which are empty.
    socket.write(Buffer.from("000000040000000000", "hex"));
    const [frame] = await once(socket, "data");
    assert.ok(frame instanceof Buffer);
    assert.equal(frame[3], 4);
  });

  it("closes connections that say nothing, too little, or that end", async () => {
    for (const bytes of ["", "P", "PRI"]) {
      const socket = await dial();
      const begin = performance.now();
      if (bytes !== "") socket.write(bytes);
      await once(socket, "close");
      assert.ok(performance.now() - begin > 250);
    }
    const ending = await dial();
    ending.end("PR");
    await once(ending, "close");
  });

  it("keeps on when clients reset their connection", async () => {
    for (const bytes of ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n"]) {
      const socket = await dial();
      if (bytes !== "") socket.write(bytes);
      await setTimeout(20);
      socket.resetAndDestroy();
    }
    assert.equal(await (await fetch(`http://${port.address}/`)).text(), "one");
    assert.deepEqual(port.errors, []);
  });
});
