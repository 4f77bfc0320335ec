/**
 * @file Keeps ONNX Runtime from telling its makers what it is used for, which it does on Linux and macOS unless it is told not to
 * before its first session. Imported for this effect by whatever makes sessions or starts threads that do.
 *
 * Who wants to send it sets `ORT_DISABLE_TELEMETRY=0`.
 */
import { isMainThread } from "node:worker_threads";

const variable = "ORT_DISABLE_TELEMETRY";

if (process.env[variable] === undefined) {
  process.env[variable] = "1";
  // A thread's environment is a copy: the library doesn't see what is written there.
  if (!isMainThread) {
    process.emitWarning(
      `ONNX Runtime may send telemetry: a thread cannot turn it off. Set ${variable}=1 for the process, or import tenon in its main thread first.`,
      "TelemetryWarning",
    );
  }
}
