/** @file Fits that log themselves to a server that takes calls and never answers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ridge } from "../../../ml/linear/index.ts";
import { autolog } from "../../../ml/track/autolog/autolog.ts";
import { disconnect } from "../../../ml/track/connection.ts";
import { setTrackingUri } from "../../../ml/track/index.ts";
import { float, optimize, space } from "../../../ml/tune/index.ts";
import { warningsOf } from "./scratch-store.ts";

describe("autolog to a server that doesn't answer", () => {
  let server: Server;
  const sockets = new Set<Socket>();
  before(async () => {
    server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    setTrackingUri(`http://127.0.0.1:${address.port}`);
    autolog({ logSystemMetrics: false });
  });
  after(async () => {
    autolog({ disable: true });
    for (const socket of sockets) socket.destroy();
    server.close();
    await disconnect();
    setTrackingUri();
  });

  it("keeps the first fit for a few seconds, and those after it hardly", async () => {
    const matrix = { data: Float64Array.of(1, 2, 3, 4), rows: 4, columns: ["a"] };
    await warningsOf(async () => {
      const started = performance.now();
      const model = await ridge().fit(matrix, Float64Array.of(1, 2, 3, 5));
      assert.equal((await model.predict(matrix)).length, 4);
      const first = performance.now() - started;
      assert.ok(first < 15_000, `${first} ms`);
      const study = await optimize(({ x }) => x, { space: space({ x: float(0, 1) }), trials: 5 });
      assert.equal(study.completed.length, 5);
      const others = performance.now() - started - first;
      assert.ok(others < 5_000, `${others} ms`);
    });
  });
});
