/**
 * @file What every protocol, engine and rule of the service speaks: a request for an inference and its answer, in the terms
 * of the Open Inference Protocol v2. Types and their errors only.
 *
 * A protocol makes an {@link InferenceRequest} of what came in, asks an {@link InferenceService}, and writes the answer in its
 * own form. What stands between (limits, traffic, caches, capture) takes an {@link Infer} and gives one. An answer that is there
 * at once is given at once, not as a promise: at one row a request, a turn of the event loop costs as much as the model.
 */

/** The element types of the Open Inference Protocol that models here have. */
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "FP32"
  | "FP64"
  | "BYTES";

/** The elements of a tensor, row-major: booleans as bytes, float16 as its bits, texts as texts. */
export type TensorElements =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly string[];

/** A tensor of a request or an answer. Its shape's product is the number of its elements. */
export interface InferenceTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorElements;
}

/** What protocols let callers add to a request. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** One call of a model. */
export interface InferenceRequest {
  readonly model: string;
  /** A version or an alias; absent, what the traffic rules choose. */
  readonly version: string | undefined;
  /** Given back with the answer. */
  readonly id: string | undefined;
  readonly inputs: readonly InferenceTensor[];
  /** The outputs that are wanted; all where absent. */
  readonly outputs: readonly string[] | undefined;
  readonly parameters: Parameters | undefined;
  /** Whether the answer is wanted in parts, as they come. */
  readonly isStream?: boolean | undefined;
}

/** The answer to a call. */
export interface InferenceResponse {
  readonly model: string;
  /** The version that answered. */
  readonly version: string;
  readonly id: string | undefined;
  readonly outputs: readonly InferenceTensor[];
  readonly parameters?: Parameters | undefined;
  /** In how many milliseconds the model computed it, without what it waited for others; absent where it waited for nobody. */
  readonly computeTime?: number | undefined;
  /** The outputs of each part in turn, of a request that is a stream; `outputs` then has none. To be read once. */
  readonly parts?: AsyncIterable<readonly InferenceTensor[]> | undefined;
}

/** Who calls, as far as it was proven. */
export interface Caller {
  /** The name of the key or the token's subject; absent where nobody asked for one. */
  readonly name: string | undefined;
  /** The address that the connection comes from. */
  readonly address: string;
}

/** What accompanies a call. */
export interface CallContext {
  readonly protocol: "v2" | "grpc" | "mlflow" | "tensorflow" | "sagemaker" | "vertex";
  readonly caller: Caller;
  /** When the answer is of no more use, in milliseconds of `performance.now()`; Infinity where the caller didn't say. */
  readonly deadline: number;
  /** Aborts when the caller has gone; absent where the protocol can't tell. */
  readonly signal: AbortSignal | undefined;
  /** Higher goes first; 0 where the caller didn't say. */
  readonly priority: number;
  /** Callers with the same key get the same version while the weights stay. */
  readonly stickyKey: string | undefined;
  /** The W3C trace context that came with the call. */
  readonly traceparent: string | undefined;
}

/** Answers a call, or throws (or rejects with) a {@link ServingError}. */
export type Infer = (
  request: InferenceRequest,
  context: CallContext,
) => InferenceResponse | Promise<InferenceResponse>;

/** A tensor as a model's metadata describe it; -1 is any number. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** What a model says of itself. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** What protocols ask. */
export interface InferenceService {
  readonly infer: Infer;
  isLive(): boolean;
  /** Whether every model that should be loaded is, and no drain has begun. */
  isReady(): boolean;
  isModelReady(model: string, version: string | undefined): boolean;
  modelNames(): readonly string[];
  /** Throws a {@link ServingError} of kind `not-found`. */
  metadata(model: string, version: string | undefined): ModelMetadata;
}

/** What can be wrong with a call; each protocol has a status for it. */
export type ServingErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "too-large"
  | "rate-limited"
  | "overloaded"
  | "unavailable"
  | "deadline"
  | "cancelled"
  | "internal";

/** A call that got no answer. Its message is for the caller and holds nothing of the server's insides. */
export class ServingError extends Error {
  override readonly name = "ServingError";
  readonly kind: ServingErrorKind;
  /** In how many seconds it may go better. */
  readonly retryAfter: number | undefined;
  /** Whether no model had begun to compute it, so that it says nothing of how the model does. */
  readonly isBeforeModel: boolean;

  constructor(
    kind: ServingErrorKind,
    message: string,
    options: ErrorOptions & { readonly retryAfter?: number; readonly isBeforeModel?: boolean } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAfter = options.retryAfter;
    this.isBeforeModel = options.isBeforeModel ?? false;
  }
}

/** The status of HTTP for each kind. */
export const httpStatus: Readonly<Record<ServingErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  "too-large": 413,
  "rate-limited": 429,
  overloaded: 429,
  unavailable: 503,
  deadline: 504,
  cancelled: 499,
  internal: 500,
};
