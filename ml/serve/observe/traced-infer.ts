/**
 * @file Spans of calls. A call that came with a trace follows its caller's choice; of the others a share begins one. What is not
 * sampled costs one look.
 */
import type { CallContext, Caller, Infer, InferenceResponse } from "../inference.ts";
import { requestRows } from "../addressed-request.ts";
import type { Span } from "./otlp-encoding.ts";
import { newSpanId, newTraceId, parseTraceparent, traceparentOf, type TraceParent } from "./trace-context.ts";

/** Which calls are traced, and who is told. */
export interface TracingOptions {
  /** The share of calls that came without a trace. */
  readonly share: number;
  readonly onSpan: (span: Span) => void;
  readonly random?: (() => number) | undefined;
}

/** A call's context with its own span as the parent of what it calls. */
class TracedContext implements CallContext {
  readonly protocol: CallContext["protocol"];
  readonly caller: Caller;
  readonly deadline: number;
  readonly priority: number;
  readonly stickyKey: string | undefined;
  readonly traceparent: string;
  readonly #context: CallContext;

  constructor(context: CallContext, traceparent: string) {
    this.protocol = context.protocol;
    this.caller = context.caller;
    this.deadline = context.deadline;
    this.priority = context.priority;
    this.stickyKey = context.stickyKey;
    this.traceparent = traceparent;
    this.#context = context;
  }

  /** A signal may be made only when it is asked for. */
  get signal(): AbortSignal | undefined {
    return this.#context.signal;
  }
}

/** An {@link Infer} that makes a span of each call that is sampled. */
export function tracedInfer(next: Infer, { share, onSpan, random = Math.random }: TracingOptions): Infer {
  return (request, context) => {
    const parent = context.traceparent === undefined ? undefined : parseTraceparent(context.traceparent);
    if (parent ? !parent.isSampled : random() >= share) return next(request, context);
    const own: TraceParent = {
      traceId: parent?.traceId ?? newTraceId(),
      spanId: newSpanId(),
      isSampled: true,
    };
    const start = performance.timeOrigin + performance.now();
    const end = (response: InferenceResponse | undefined, error: string | undefined): void =>
      onSpan({
        traceId: own.traceId,
        spanId: own.spanId,
        parentSpanId: parent?.spanId,
        name: `infer ${request.model}`,
        start,
        end: performance.timeOrigin + performance.now(),
        attributes: {
          "tenon.model": request.model,
          "tenon.version": response?.version ?? request.version,
          "tenon.protocol": context.protocol,
          "tenon.rows": requestRows(request),
          "tenon.request_id": request.id,
          "tenon.caller": context.caller.name,
        },
        error,
      });
    let answer: InferenceResponse | Promise<InferenceResponse>;
    try {
      answer = next(request, new TracedContext(context, traceparentOf(own)));
    } catch (error) {
      end(undefined, messageOf(error));
      throw error;
    }
    if (!(answer instanceof Promise)) {
      end(answer, undefined);
      return answer;
    }
    return answer.then(
      (response) => {
        end(response, undefined);
        return response;
      },
      (error: unknown) => {
        end(undefined, messageOf(error));
        throw error;
      },
    );
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
