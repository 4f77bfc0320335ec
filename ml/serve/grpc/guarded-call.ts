/**
 * @file What stands before each call: who may not call is refused by its metadata, before any message of it is taken; and a call
 * whose message doesn't come ends after a while, so that a client cannot hold the server's memory with it.
 *
 * What the library makes of listeners and responders costs a fifth of a small call; so this hands everything else straight on.
 */
import type { Metadata, ServerInterceptingCallInterface, ServerInterceptor } from "@grpc/grpc-js";
import { type ErrorWriter, serviceErrorOf } from "./status.ts";

type Status = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];
type Listener = Parameters<ServerInterceptingCallInterface["start"]>[0];

/** How calls are guarded. */
export interface CallGuard {
  /** In how many milliseconds a call of one message must have it. */
  readonly receive: number;
  /** Throws (or rejects with) a {@link ServingError} for a call that is refused; given the call's path, metadata and connection. */
  readonly admit?:
    | ((
        path: string,
        metadata: Metadata,
        call: Pick<ServerInterceptingCallInterface, "getPeer" | "getAuthContext">,
      ) => void | Promise<void>)
    | undefined;
  readonly errors: ErrorWriter;
}

/** An interceptor that guards calls. */
export function guardCalls({ receive, admit, errors }: CallGuard): ServerInterceptor {
  const { ServerInterceptingCall, status } = errors.library;
  class GuardedCall extends ServerInterceptingCall {
    readonly #next: ServerInterceptingCallInterface;
    readonly #path: string;
    /** Of a stream, whose messages come when they come, there is none. */
    readonly #receive: number | undefined;
    #timer: NodeJS.Timeout | undefined;
    #isRefused = false;

    constructor(next: ServerInterceptingCallInterface, path: string, isStream: boolean) {
      super(next);
      this.#next = next;
      this.#path = path;
      this.#receive = isStream ? undefined : receive;
    }

    override start(listener: Listener): void {
      const late = (): void =>
        this.#next.sendStatus({ code: status.DEADLINE_EXCEEDED, details: "the request did not come" });
      if (this.#receive !== undefined) this.#timer = setTimeout(late, this.#receive).unref();
      this.#next.start({
        onReceiveMetadata: (metadata) => this.#admit(metadata, listener),
        onReceiveMessage: (message) => listener.onReceiveMessage(message),
        onReceiveHalfClose: () => {
          clearTimeout(this.#timer);
          listener.onReceiveHalfClose();
        },
        onCancel: () => {
          clearTimeout(this.#timer);
          if (!this.#isRefused) listener.onCancel();
        },
      });
    }

    /** What handles the call asks for its message when it has the metadata, and not before. */
    #admit(metadata: Metadata, listener: Listener): void {
      try {
        const admitting = admit?.(this.#path, metadata, this.#next);
        if (admitting instanceof Promise)
          void admitting.then(
            () => listener.onReceiveMetadata(metadata),
            (error: unknown) => this.#refuse(error),
          );
        else listener.onReceiveMetadata(metadata);
      } catch (error) {
        this.#refuse(error);
      }
    }

    #refuse(error: unknown): void {
      clearTimeout(this.#timer);
      this.#isRefused = true;
      const { code, details, metadata } = serviceErrorOf(error, errors);
      this.#next.sendStatus({ code, details, metadata });
    }

    override sendMetadata(metadata: Metadata): void {
      this.#next.sendMetadata(metadata);
    }

    override sendMessage(message: unknown, callback: () => void): void {
      this.#next.sendMessage(message, callback);
    }

    override sendStatus(sent: Status): void {
      this.#next.sendStatus(sent);
    }
  }
  return (method, call) => new GuardedCall(call, method.path, method.requestStream);
}
