/** @file A service with two small models, on a port of both protocols, for tests. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import * as grpcLibrary from "@grpc/grpc-js";
import { createGrpcServer, type GrpcOptions } from "../../../../ml/serve/grpc/grpc-server.ts";
import {
  type Infer,
  type InferenceService,
  type ModelMetadata,
  ServingError,
} from "../../../../ml/serve/inference.ts";
import { createPort } from "../../../../ml/serve/port.ts";

const metadata: ModelMetadata = {
  name: "echo",
  versions: ["1", "2"],
  platform: "tenon",
  inputs: [{ name: "x", datatype: "FP32", shape: [-1, 3] }],
  outputs: [{ name: "x", datatype: "FP32", shape: [-1, 3] }],
};

/** Gives inputs back; only the outputs that were asked for. */
export const echo: Infer = ({ model, version, id, inputs, outputs }) => {
  if (model !== "echo") throw new ServingError("not-found", `there is no model "${model}"`);
  return {
    model,
    version: version ?? "2",
    id,
    outputs: inputs.filter(({ name }) => outputs?.includes(name) ?? true),
  };
};

/** A service that answers by `infer`, and whether it is ready can be said. */
export function serviceOf(infer: Infer): InferenceService & { ready: boolean } {
  return {
    ready: true,
    infer,
    isLive: () => true,
    isReady() {
      return this.ready;
    },
    isModelReady: (model) => model === "echo",
    modelNames: () => ["echo"],
    metadata: (model) => {
      if (model !== "echo") throw new ServingError("not-found", `there is no model "${model}"`);
      return metadata;
    },
  };
}

/** A port that is open. */
export interface OpenPort {
  readonly port: number;
  readonly address: string;
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

/** Opens a port: HTTP/1.1 answers "one", HTTP/2 is gRPC. */
export async function openPort(
  service: InferenceService,
  more: Partial<GrpcOptions> & { readonly tls?: TlsOptions; readonly firstBytesTimeout?: number } = {},
): Promise<OpenPort> {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const grpc = createGrpcServer(grpcLibrary, {
    service,
    identity: { name: "tenon", version: "0.1.0", extensions: ["a"] },
    maxMessageBytes: 2 ** 20,
    onError,
    ...more,
  });
  const http = createHttpServer((request, response) => {
    request.resume();
    response.end("one");
  });
  const { tls, firstBytesTimeout } = more;
  const server = createPort({
    http,
    http2: () => (socket) => grpc.accept(socket),
    tls,
    firstBytesTimeout,
    onError,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  http.emit("listening");
  // SAFETY: a server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    errors,
    close: async () => {
      server.close();
      await grpc.close(1000);
      http.closeAllConnections();
      http.close();
    },
  };
}
