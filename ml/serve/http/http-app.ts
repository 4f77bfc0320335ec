/** @file What all handlers of the HTTP server share. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller, InferenceService } from "../inference.ts";
import type { ModelService } from "../service/model-service.ts";

/** Proves who sends a request, or throws a {@link ServingError} of kind `unauthenticated` or `forbidden`. */
export type Authenticate = (request: IncomingMessage) => Caller | Promise<Caller>;

/** Answers a request that is none of the protocols'; false where it is none of its own. */
export type ExtraRoute = (request: IncomingMessage, response: ServerResponse) => boolean;

/** What handlers work with. */
export interface HttpApp {
  /** What answers: with the service's rules around it. */
  readonly service: InferenceService;
  /** The models themselves, for what they take. */
  readonly models: ModelService;
  readonly authenticate: Authenticate | undefined;
  /** Throws a {@link ServingError} for a caller that may ask for no inference now. */
  readonly admit?: ((caller: Caller) => void) | undefined;
  readonly limits: {
    /** Bytes of a request. */
    readonly body: number;
    /** Bytes of all requests together that aren't whole yet, but for the first part of each. */
    readonly unfinished: number;
    /** In which an answer must be there. */
    readonly milliseconds: number;
    /** In which a client must take some of an answer. */
    readonly unread: number;
  };
  readonly onError: (error: unknown) => void;
  /** What requests that aren't whole hold, as the limit counts it. */
  unfinished: number;
  isDraining: boolean;
}
