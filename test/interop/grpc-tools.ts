/** @file Google's health and reflection clients ask `tenon serve`. */
import type { InteropSuite } from "./interop-suite.ts";
import { runPythonClient } from "./serving/our-service.ts";

export const grpcTools: InteropSuite = {
  name: "grpc-tools",
  about:
    "gRPC's Python clients of health and reflection on `tenon serve`, and a call by what reflection tells alone",
  peer: "grpcio-health-checking, grpcio-reflection 1.85.1",
  run: async () => runPythonClient("grpc-tools", "grpc_tools.py"),
};
