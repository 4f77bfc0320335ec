/** @file Triton's Python client asks `tenon serve` over HTTP and gRPC. */
import type { InteropSuite } from "./interop-suite.ts";
import { runPythonClient } from "./serving/our-service.ts";

export const tritonClient: InteropSuite = {
  name: "triton-client",
  about:
    "Triton's Python client on `tenon serve`, HTTP and gRPC: health, metadata, tensors in JSON and binary, texts, errors, async, streams, compression",
  peer: "tritonclient 2.73.0",
  run: async () => runPythonClient("triton-client", "triton_client.py"),
};
