/** @file What a service and the threads of its handlers say to each other: both are of one build. */
import type { ModelSignature } from "../../../package/signature.ts";
import type {
  CallContext,
  InferenceRequest,
  InferenceResponse,
  InferenceTensor,
  Parameters,
  TensorElements,
} from "../../inference.ts";
import type { ModelInputs } from "../../plan/model-inputs.ts";
import type { PortMessage } from "./port-calls.ts";

/** What a thread is started with. */
export interface HandlerThreadData {
  /** The handler's module, as a URL. */
  readonly module: string;
  /** What both see at any time; see {@link places}. */
  readonly state: Int32Array;
}

/** Places of the shared state. */
export const places = {
  /** The call that holds the thread in this turn; 0 where none is known to. */
  current: 0,
  /** The last call that the thread has taken up. */
  taken: 1,
  /** Counts up with every message that the thread has taken up: while it doesn't, the thread's loop stands still. */
  turns: 2,
} as const;

/** What a handler's module holds. */
export interface HandlerDescription {
  readonly name: string;
  readonly version: string;
  readonly signature: ModelSignature;
  readonly hasStream: boolean;
  readonly hasClose: boolean;
}

/** A time that threads agree on, unlike those of `performance.now()`. @returns milliseconds since 1970 */
export function sharedTime(time: number): number {
  return performance.timeOrigin + time;
}

/** The opposite of {@link sharedTime}. */
export function ownTime(shared: number): number {
  return shared - performance.timeOrigin;
}

/** A call of the handler. */
export interface HandlerAsk {
  readonly inputs: ModelInputs;
  readonly parameters: Parameters | undefined;
  /** A shared time. */
  readonly deadline: number;
  readonly priority: number;
  readonly isStream: boolean;
}

/** A call of another model, by a handler. */
export interface ModelsAsk {
  readonly request: InferenceRequest;
  /** Its deadline is a shared time, and its signal goes beside it. */
  readonly context: Omit<CallContext, "signal">;
}

/** To the thread. */
export type ToHandlerThread =
  PortMessage<HandlerAsk, InferenceResponse> | { readonly kind: "ping" } | { readonly kind: "close" };

/** From the thread: that it is ready or why it isn't, that the handler is closed, and calls. */
export type FromHandlerThread =
  | PortMessage<ModelsAsk, readonly InferenceTensor[]>
  | { readonly kind: "ready"; readonly description: HandlerDescription }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "closed"; readonly error: string | undefined };

/** Elements without the rest of the memory that they lie in: a message's copy has all of it. */
export function ownElements(data: TensorElements): TensorElements {
  return ArrayBuffer.isView(data) && data.byteLength < data.buffer.byteLength ? data.slice() : data;
}

/** {@link ownElements} of tensors. */
export function ownTensors(tensors: readonly InferenceTensor[]): readonly InferenceTensor[] {
  return tensors.map(({ name, datatype, shape, data }) => ({
    name,
    datatype,
    shape,
    data: ownElements(data),
  }));
}
