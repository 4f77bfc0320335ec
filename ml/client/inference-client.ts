/** @file A client of the Open Inference Protocol over HTTP, with tensors as bytes. */
import * as v from "valibot";
import { datatypes } from "../serve/element-arrays.ts";
import type { InferenceTensor, TensorMetadata } from "../serve/inference.ts";
import { callBody, headLength, type ModelAnswer, type ModelCall, parseAnswerBody } from "./binary-call.ts";
import { InferenceError } from "./errors.ts";
import { readEvents, type ServerEvent } from "./events.ts";
import { reliableFetch, type ReliableFetchOptions, retryAfterOf } from "./reliable-fetch.ts";

/** Where a server is and how it is asked. */
export interface InferenceClientOptions extends ReliableFetchOptions {
  /** Such as "http://127.0.0.1:8080". */
  readonly url: string;
  /** Sent as `authorization: Bearer`; an API key or a token. */
  readonly key?: string;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The W3C trace context that calls belong to, asked at each call. */
  readonly traceparent?: () => string | undefined;
}

/** A call's own wishes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** A version or an alias; what the server's traffic rules choose where absent. */
  readonly version?: string;
  /** Callers with the same key get the same version while the weights stay. */
  readonly stickyKey?: string;
}

/** What a model says of itself. */
export interface ServedModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

const tensorSchema = v.object({
  name: v.string(),
  datatype: v.picklist(datatypes),
  shape: v.array(v.number()),
});
const metadataSchema = v.object({
  name: v.string(),
  versions: v.optional(v.array(v.string()), []),
  platform: v.string(),
  inputs: v.array(tensorSchema),
  outputs: v.array(tensorSchema),
});

/** Asks the models of a server. */
export class InferenceClient {
  readonly #url: string;
  readonly #options: InferenceClientOptions;
  /** What makes its calls: for clients that `tenon client` writes, and others that take a `fetch`. */
  readonly fetch: typeof fetch;

  /** @throws {InvalidInputError} for options out of their ranges */
  constructor(options: InferenceClientOptions) {
    this.#url = options.url.replace(/\/+$/, "");
    this.#options = options;
    this.fetch = reliableFetch(options);
  }

  /** Whether the server is ready for calls. */
  async isReady(): Promise<boolean> {
    const response = await this.fetch(`${this.#url}/v2/health/ready`, { headers: this.#headers() });
    await response.body?.cancel();
    return response.ok;
  }

  /**
   * What a model takes and gives.
   * @throws {InferenceError} where there is no such model, or no answer
   */
  async metadata(model: string, options: CallOptions = {}): Promise<ServedModelMetadata> {
    const response = await this.fetch(this.#place(model, options), {
      headers: this.#headers(options),
      ...(options.signal && { signal: options.signal }),
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response, text);
    const parsed = v.safeParse(metadataSchema, jsonOf(text));
    if (parsed.success) return parsed.output;
    throw new InferenceError(`the server's answer is none of the protocol's: ${parsed.issues[0].message}`);
  }

  /**
   * Asks a model.
   * @throws {InferenceError} where the server refuses the call or gives no answer in time
   * @throws {InvalidInputError} for a tensor whose shape is not its elements'
   */
  async infer(model: string, call: ModelCall, options: CallOptions = {}): Promise<ModelAnswer> {
    const { body, headers } = callBody(call);
    const response = await this.fetch(`${this.#place(model, options)}/infer`, {
      method: "POST",
      headers: { ...this.#headers(options), ...headers },
      body,
      ...(options.signal && { signal: options.signal }),
    });
    const answer = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) throw refusal(response, new TextDecoder().decode(answer));
    return parseAnswerBody(answer, response.headers.get(headLength));
  }

  /**
   * Posts JSON and gives the events of the answer as they come. A stream that breaks off is not begun again.
   * @throws {InferenceError} where the server refuses the call or gives no stream
   */
  async *stream(path: string, body: unknown, options: CallOptions = {}): AsyncGenerator<ServerEvent> {
    const url = `${this.#url}/${path.replace(/^\/+/, "")}`;
    const response = await (this.#options.fetch ?? fetch)(url, {
      method: "POST",
      headers: { ...this.#headers(options), "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify(body),
      ...(options.signal && { signal: options.signal }),
    });
    if (!response.ok) throw refusal(response, await response.text());
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream") || !response.body)
      throw new InferenceError(`the server gave ${type || "nothing"} and no stream of events`, {
        status: response.status,
      });
    yield* readEvents(response.body);
  }

  #place(model: string, { version }: CallOptions): string {
    const versions = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
    return `${this.#url}/v2/models/${encodeURIComponent(model)}${versions}`;
  }

  #headers({ stickyKey }: CallOptions = {}): Record<string, string> {
    const { headers, key, traceparent } = this.#options;
    const trace = traceparent?.();
    return {
      ...headers,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(trace !== undefined && { traceparent: trace }),
      ...(stickyKey !== undefined && { "sticky-key": stickyKey }),
    };
  }
}

/**
 * A tensor of numbers, row-major.
 * @example
 * const x = numbers("x", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
 */
export function numbers(
  name: string,
  shape: readonly number[],
  data: Float32Array | Float64Array | Int32Array | BigInt64Array,
): InferenceTensor {
  const datatype =
    data instanceof Float32Array
      ? "FP32"
      : data instanceof Float64Array
        ? "FP64"
        : data instanceof Int32Array
          ? "INT32"
          : "INT64";
  return { name, datatype, shape, data };
}

/** A tensor of texts, row-major. */
export function texts(name: string, shape: readonly number[], data: readonly string[]): InferenceTensor {
  return { name, datatype: "BYTES", shape, data };
}

function refusal(response: Response, text: string): InferenceError {
  const { error, message }: { readonly error?: unknown; readonly message?: unknown } = Object(jsonOf(text));
  const told = typeof error === "string" ? error : message;
  return new InferenceError(
    typeof told === "string" ? told : `the server answered with status ${response.status}`,
    { status: response.status, retryAfter: retryAfterOf(response.headers.get("retry-after")) },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
