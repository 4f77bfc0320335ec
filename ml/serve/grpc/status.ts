/** @file What gRPC says of calls that got no answer. */
import type { ServiceError, status } from "@grpc/grpc-js";
import { InvalidInputError } from "../../errors.ts";
import { ServingError, type ServingErrorKind } from "../inference.ts";

/** gRPC's library, which is loaded late. */
export type GrpcLibrary = typeof import("@grpc/grpc-js");

/**
 * The status of gRPC for each kind. What may go better soon is UNAVAILABLE, on which clients try again, as Triton has it for
 * a full queue; a client's own limit is RESOURCE_EXHAUSTED.
 */
export const grpcStatus: Readonly<Record<ServingErrorKind, keyof typeof status>> = {
  invalid: "INVALID_ARGUMENT",
  unauthenticated: "UNAUTHENTICATED",
  forbidden: "PERMISSION_DENIED",
  "not-found": "NOT_FOUND",
  "too-large": "RESOURCE_EXHAUSTED",
  "rate-limited": "RESOURCE_EXHAUSTED",
  overloaded: "UNAVAILABLE",
  unavailable: "UNAVAILABLE",
  deadline: "DEADLINE_EXCEEDED",
  cancelled: "CANCELLED",
  internal: "INTERNAL",
};

/** Told of errors that are the server's own. */
export type OnError = (error: unknown) => void;

/** The error as callers are told of it: what is unexpected goes to `onError`, and callers only learn that it was there. */
export function servingErrorOf(error: unknown, onError: OnError): ServingError {
  if (error instanceof ServingError) return error;
  if (error instanceof InvalidInputError) return new ServingError("invalid", error.message, { cause: error });
  onError(error);
  return new ServingError("internal", "the service failed", { cause: error });
}

/** How errors become gRPC's. */
export interface ErrorWriter {
  readonly library: GrpcLibrary;
  readonly onError: OnError;
}

/** The status that ends a call; `grpc-retry-pushback-ms` says when to try again. */
export function serviceErrorOf(error: unknown, { library, onError }: ErrorWriter): ServiceError {
  const { kind, message, retryAfter } = servingErrorOf(error, onError);
  const metadata = new library.Metadata();
  if (retryAfter !== undefined) metadata.set("grpc-retry-pushback-ms", String(Math.ceil(retryAfter * 1000)));
  return Object.assign(new Error(message), {
    code: library.status[grpcStatus[kind]],
    details: message,
    metadata,
  });
}
