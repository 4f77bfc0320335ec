/** @file What a service and its engine threads say to each other: both are of one build. Types only. */
import type { Provider } from "../../graph/runtime/provider.ts";
import type { InferenceTensor } from "../inference.ts";
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

/** From the thread: what became of the last call, or of its start. */
export type EngineReply =
  | { readonly kind: "ready" }
  | { readonly kind: "outputs"; readonly outputs: readonly InferenceTensor[] }
  | { readonly kind: "failed"; readonly message: string };
