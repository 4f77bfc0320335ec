/** @file How long clients may take, so that slow ones can't hold connections that others need. */

/** Milliseconds. */
export interface ConnectionTimes {
  /** From a connection's or a request's beginning to the end of the request's head; the TLS handshake and the first bytes too. */
  readonly head: number;
  /** From a request's beginning to its end; of gRPC, from a call's head to its message. */
  readonly request: number;
  /** Without a request between two. */
  readonly idle: number;
  /** Without anything of an answer being taken. */
  readonly unread: number;
}

/** What holds where nothing else is asked for; gRPC's idle connections, which are costlier to open again, have five minutes. */
export const defaultTimes: ConnectionTimes = { head: 10_000, request: 60_000, idle: 75_000, unread: 60_000 };
