/** @file Calls whose message doesn't come: they end after a while, so that a client cannot hold the server's memory with them. */
import type { ServerInterceptor } from "@grpc/grpc-js";
import type { GrpcLibrary } from "./status.ts";

/** An interceptor that ends calls of one message whose message hasn't come in so many milliseconds. */
export function receiveWithin(
  { ServerInterceptingCall, ServerListenerBuilder, status }: GrpcLibrary,
  milliseconds: number,
): ServerInterceptor {
  return (method, call) => {
    if (method.requestStream) return new ServerInterceptingCall(call);
    let timer: NodeJS.Timeout | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        next(metadata);
        timer = setTimeout(
          () =>
            intercepting.sendStatus({
              code: status.DEADLINE_EXCEEDED,
              details: "the request did not come",
            }),
          milliseconds,
        ).unref();
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      .withOnCancel(() => clearTimeout(timer))
      .build();
    const intercepting = new ServerInterceptingCall(call, { start: (next) => next(listener) });
    return intercepting;
  };
}
