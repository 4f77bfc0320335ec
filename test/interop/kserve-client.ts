/** @file KServe's Python inference clients ask `tenon serve`. */
import type { InteropSuite } from "./interop-suite.ts";
import { runPythonClient } from "./serving/our-service.ts";

export const kserveClient: InteropSuite = {
  name: "kserve",
  about: "KServe's Python inference clients on `tenon serve`, REST and gRPC: health, tensors, texts, errors",
  peer: "kserve 0.21.0",
  run: async () => runPythonClient("kserve", "kserve_client.py"),
};
