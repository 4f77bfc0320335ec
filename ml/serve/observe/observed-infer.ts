/** @file Who watches calls of models. All watchers share two readings of the clock. */
import type { CallContext, Infer, InferenceRequest, InferenceResponse } from "../inference.ts";

/** A call that has come to its end. */
export interface FinishedCall {
  readonly request: InferenceRequest;
  readonly context: CallContext;
  /** When it began, in milliseconds of `performance.now()`. */
  readonly begun: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** Sees every call. What it throws is the caller's, so it must not throw; what it does is in the callers' way. */
export interface CallObserver {
  begins?(): void;
  answered(call: FinishedCall, response: InferenceResponse): void;
  failed(call: FinishedCall, error: unknown): void;
}

/** An {@link Infer} whose calls are seen by observers. An answer that is there at once stays so. */
export function observedInfer(next: Infer, observers: readonly CallObserver[]): Infer {
  const beginners = observers.filter((observer) => observer.begins !== undefined);
  const answered = (
    request: InferenceRequest,
    context: CallContext,
    begun: number,
    response: InferenceResponse,
  ): InferenceResponse => {
    const call: FinishedCall = { request, context, begun, duration: performance.now() - begun };
    for (const observer of observers) observer.answered(call, response);
    return response;
  };
  const failed = (request: InferenceRequest, context: CallContext, begun: number, error: unknown): void => {
    const call: FinishedCall = { request, context, begun, duration: performance.now() - begun };
    for (const observer of observers) observer.failed(call, error);
  };
  return (request, context) => {
    const begun = performance.now();
    for (const observer of beginners) observer.begins?.();
    let answer: InferenceResponse | Promise<InferenceResponse>;
    try {
      answer = next(request, context);
    } catch (error) {
      failed(request, context, begun, error);
      throw error;
    }
    if (!(answer instanceof Promise)) return answered(request, context, begun, answer);
    return answer.then(
      (response) => answered(request, context, begun, response),
      (error: unknown) => {
        failed(request, context, begun, error);
        throw error;
      },
    );
  };
}
