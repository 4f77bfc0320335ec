import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import * as library from "@grpc/grpc-js";
import { guardCalls } from "../../../../ml/serve/grpc/guarded-call.ts";

describe("calls over gRPC whose message doesn't come", () => {
  it("end after a while; others are answered as ever", async () => {
    const server = new library.Server({
      interceptors: [
        guardCalls({ receive: 200, errors: { library, onError: (error) => assert.fail(String(error)) } }),
      ],
    });
    const asIs = (bytes: Buffer): Buffer => bytes;
    const method = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs };
    const unary = { requestStream: false, responseStream: false, responseDeserialize: asIs };
    server.addService(
      { Echo: { path: "/test/Echo", ...method, ...unary } },
      {
        Echo: (
          { request }: library.ServerUnaryCall<Buffer, Buffer>,
          answer: library.sendUnaryData<Buffer>,
        ) => {
          // Longer than a message may take to come.
          setTimeout(() => answer(null, request), 400);
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      const by = library.ServerCredentials.createInsecure();
      server.bindAsync("127.0.0.1:0", by, (error, found) => (error ? reject(error) : resolve(found)));
    });
    const session = connect(`http://127.0.0.1:${port}`);
    const statusOf = async (parts: readonly Buffer[], ends: boolean): Promise<unknown> => {
      const headers = { ":method": "POST", ":path": "/test/Echo", "content-type": "application/grpc" };
      const stream = session.request({ ...headers, te: "trailers" });
      let status: unknown;
      stream.on("response", (found) => (status = found["grpc-status"]));
      stream.on("trailers", (found) => (status = found["grpc-status"]));
      stream.on("error", () => {}).resume();
      for (const part of parts) stream.write(part);
      if (ends) stream.end();
      await once(stream, "end");
      stream.close();
      return Number(status);
    };
    const frame = Buffer.from("0000000001ff", "hex");
    assert.deepEqual(
      await Promise.all([
        statusOf([], false),
        statusOf([frame.subarray(0, 3)], false),
        statusOf([frame], false),
        statusOf([frame], true),
      ]),
      [4, 4, 4, 0],
    );
    session.close();
    server.forceShutdown();
  });
});
