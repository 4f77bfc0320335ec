/** @file What accompanies a call over gRPC. */
import type {
  Metadata,
  ServerDuplexStream,
  ServerInterceptingCallInterface,
  ServerUnaryCall,
} from "@grpc/grpc-js";
import type { CallContext, Caller, Parameters } from "../inference.ts";

/** A call of gRPC, of one message or a stream. */
export type GrpcCall = ServerUnaryCall<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

/** What a caller proves who it is by. */
export interface CallCredentials {
  /** The metadata `authorization`. */
  readonly authorization: string | undefined;
  /** The metadata `x-api-key`. */
  readonly apiKey: string | undefined;
  /** The common name of the client's certificate, which TLS has verified. */
  readonly certificate: string | undefined;
  readonly address: string;
}

/** The connection of a call. */
type Connection = Pick<ServerInterceptingCallInterface, "getPeer" | "getAuthContext">;

/** The credentials of a call. */
export function credentialsOf(metadata: Metadata, connection: Connection): CallCredentials {
  const subject = connection.getAuthContext().sslPeerCertificate?.subject;
  return {
    authorization: metadataText(metadata, "authorization"),
    apiKey: metadataText(metadata, "x-api-key"),
    // Without a certificate Node gives an empty object.
    certificate: typeof subject?.CN === "string" ? subject.CN : undefined,
    address: addressOf(connection),
  };
}

/** The address that a call comes from, without its port. */
export function addressOf(connection: Pick<Connection, "getPeer">): string {
  const peer = connection.getPeer();
  const end = peer.lastIndexOf(":");
  return end === -1 ? peer : peer.slice(0, end);
}

function metadataText(metadata: Metadata, name: string): string | undefined {
  const value = metadata.get(name)[0];
  return typeof value === "string" ? value : undefined;
}

/** The context of a call over gRPC; a signal is made where it is asked for. */
export class GrpcContext implements CallContext {
  readonly protocol = "grpc";
  readonly caller: Caller;
  readonly deadline: number;
  readonly priority: number;
  readonly #call: GrpcCall;
  #stop: AbortController | undefined;

  /** @param limit in how many milliseconds the server itself wants an answer */
  constructor(call: GrpcCall, caller: Caller, parameters: Parameters | undefined, limit: number) {
    this.caller = caller;
    this.deadline = deadlineOf(call, parameters, limit);
    // Doubles may be NaN here, by which nothing can be ordered.
    this.priority = typeof parameters?.["priority"] === "number" ? parameters["priority"] || 0 : 0;
    this.#call = call;
  }

  get stickyKey(): string | undefined {
    return metadataText(this.#call.metadata, "sticky-key");
  }

  get traceparent(): string | undefined {
    return metadataText(this.#call.metadata, "traceparent");
  }

  get signal(): AbortSignal {
    if (this.#stop) return this.#stop.signal;
    this.#stop = new AbortController();
    if (this.#call.cancelled) this.#stop.abort();
    else this.#call.once("cancelled", this.#abort);
    return this.#stop.signal;
  }

  /** The call has its answer: gRPC's library says "cancelled" at the end of those too, which is nobody's business any more. */
  end(): void {
    if (this.#stop) this.#call.off("cancelled", this.#abort);
  }

  readonly #abort = (): void => this.#stop?.abort();
}

/** By the client's deadline, by `timeout`, microseconds as Triton has it, and by the server's own limit. */
function deadlineOf(call: GrpcCall, parameters: Parameters | undefined, limit: number): number {
  const wanted = call.getDeadline();
  const byClient = wanted === Number.POSITIVE_INFINITY ? wanted : Number(wanted) - Date.now();
  const timeout = parameters?.["timeout"];
  const asked = typeof timeout === "number" && timeout > 0 ? timeout / 1000 : Number.POSITIVE_INFINITY;
  const milliseconds = Math.min(byClient, asked, limit);
  return milliseconds === Number.POSITIVE_INFINITY ? milliseconds : performance.now() + milliseconds;
}
