/** @file What accompanies a call over HTTP. */
import type { CallContext, Caller, Parameters } from "../inference.ts";
import type { Exchange } from "./exchange.ts";

/** The context of a call over HTTP; a signal is made where it is asked for. */
export class HttpContext implements CallContext {
  readonly protocol: CallContext["protocol"];
  readonly caller: Caller;
  readonly deadline: number;
  readonly priority: number;
  readonly stickyKey: string | undefined;
  readonly traceparent: string | undefined;
  readonly #exchange: Exchange;
  #stop: AbortController | undefined;

  constructor(exchange: Exchange, parameters: Parameters | undefined) {
    const { headers, app } = exchange;
    this.protocol = exchange.target.protocol;
    this.caller = exchange.caller ?? {
      name: undefined,
      address: exchange.request.socket.remoteAddress ?? "",
    };
    this.deadline = deadlineOf(parameters, app.limits.milliseconds);
    this.priority = typeof parameters?.["priority"] === "number" ? parameters["priority"] : 0;
    this.stickyKey = headers.stickyKey;
    this.traceparent = headers.traceparent;
    this.#exchange = exchange;
  }

  get signal(): AbortSignal {
    if (this.#stop) return this.#stop.signal;
    const stop = (this.#stop = new AbortController());
    const { response } = this.#exchange;
    if (response.destroyed) stop.abort();
    else
      response.once("close", () => {
        if (!response.writableFinished) stop.abort();
      });
    return stop.signal;
  }
}

/** By `timeout`, microseconds as Triton has it, and by the server's own limit. */
function deadlineOf(parameters: Parameters | undefined, limit: number): number {
  const timeout = parameters?.["timeout"];
  const asked = typeof timeout === "number" && timeout > 0 ? timeout / 1000 : Number.POSITIVE_INFINITY;
  const milliseconds = Math.min(asked, limit);
  return milliseconds === Number.POSITIVE_INFINITY ? milliseconds : performance.now() + milliseconds;
}
