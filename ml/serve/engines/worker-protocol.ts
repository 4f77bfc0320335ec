/** @file What a service tells its engine threads: both are of one build. Types only. */
import type { Provider } from "../../graph/runtime/provider.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";

/** What a thread is started with. */
export interface EngineThread {
  readonly signature: unknown;
  readonly onnx: Uint8Array;
  /** Threads of one operator. */
  readonly threads: number;
  readonly provider: Provider;
}

/** To the thread: compute this. */
export interface EngineCall {
  readonly inputs: ModelInputs;
}
