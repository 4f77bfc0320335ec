/** @file `ModelInfer` and `ModelStreamInfer`: from a message to its answer. */
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall } from "@grpc/grpc-js";
import type { Caller, Infer, InferenceResponse } from "../inference.ts";
import { GrpcContext } from "./call-context.ts";
import { readInferRequest } from "./infer-request.ts";
import { writeInferResponse, writeStreamError, writeStreamResponse } from "./infer-response.ts";
import { type ErrorWriter, serviceErrorOf, servingErrorOf } from "./status.ts";

/** How calls are answered. */
export interface InferCalls {
  readonly infer: Infer;
  /** In how many milliseconds the server wants an answer. */
  readonly limit: number;
  /** Throws a {@link ServingError} for a caller that may ask for no inference now; of a stream's messages. */
  readonly admit?: ((caller: Caller) => void) | undefined;
  readonly errors: ErrorWriter;
}

/** Answers `ModelInfer`, in the same turn where the model does. */
export function answerInfer(
  { infer, limit, errors }: InferCalls,
  call: ServerUnaryCall<Buffer, Buffer>,
  caller: Caller,
  callback: sendUnaryData<Buffer>,
): void {
  let context: GrpcContext | undefined;
  const fail = (error: unknown): void => {
    context?.end();
    callback(serviceErrorOf(error, errors));
  };
  try {
    const { request, raw } = readInferRequest(call.request);
    const given = (context = new GrpcContext(call, caller, request.parameters, limit));
    const reply = (response: InferenceResponse): void => {
      given.end();
      callback(null, writeInferResponse(response, raw));
    };
    const answer = infer(request, given);
    if (answer instanceof Promise) void answer.then(reply).catch(fail);
    else reply(answer);
  } catch (error) {
    fail(error);
  }
}

/** How many requests of a stream are answered at the same time. */
const mostAtOnce = 32;

/** Answers `ModelStreamInfer`: requests side by side, answers in their order; one that fails doesn't end the stream. */
export function answerStream(
  { infer, limit, admit, errors }: InferCalls,
  call: ServerDuplexStream<Buffer, Buffer>,
  caller: Caller,
): void {
  let waiting = 0;
  let last = Promise.resolve();
  call.on("data", (message: Buffer) => {
    waiting += 1;
    if (waiting >= mostAtOnce) call.pause();
    const answer = answerMessage(message);
    last = last.then(async () => {
      const bytes = await answer;
      waiting -= 1;
      if (call.cancelled) return;
      if (!call.write(bytes)) await new Promise<void>((resolve) => onceWritable(call, resolve));
      if (waiting < mostAtOnce) call.resume();
    });
  });
  call.on("end", () => void last.then(() => call.end()));

  async function answerMessage(message: Buffer): Promise<Buffer> {
    let id: string | undefined;
    let context: GrpcContext | undefined;
    try {
      admit?.(caller);
      const { request, raw } = readInferRequest(message);
      ({ id } = request);
      context = new GrpcContext(call, caller, request.parameters, limit);
      const response: InferenceResponse = await infer(request, context);
      return writeStreamResponse(response, raw);
    } catch (error) {
      return writeStreamError(servingErrorOf(error, errors.onError).message, id);
    } finally {
      context?.end();
    }
  }
}

function onceWritable(call: ServerDuplexStream<Buffer, Buffer>, resolve: () => void): void {
  const go = (): void => {
    call.off("drain", go).off("cancelled", go);
    resolve();
  };
  call.on("drain", go).on("cancelled", go);
}
