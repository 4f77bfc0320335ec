/** @file What gRPC says of calls that got no answer. */
import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { InvalidInputError } from "../../errors.ts";
import { ServingError, type ServingErrorKind } from "../inference.ts";

/**
 * The status of gRPC for each kind. What may go better soon is UNAVAILABLE, on which clients try again, as Triton has it for
 * a full queue; a client's own limit is RESOURCE_EXHAUSTED.
 */
export const grpcStatus: Readonly<Record<ServingErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  "not-found": status.NOT_FOUND,
  "too-large": status.RESOURCE_EXHAUSTED,
  "rate-limited": status.RESOURCE_EXHAUSTED,
  overloaded: status.UNAVAILABLE,
  unavailable: status.UNAVAILABLE,
  deadline: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  internal: status.INTERNAL,
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

/** The status that ends a call; `grpc-retry-pushback-ms` says when to try again. */
export function serviceErrorOf(error: unknown, onError: OnError): ServiceError {
  const { kind, message, retryAfter } = servingErrorOf(error, onError);
  const metadata = new Metadata();
  if (retryAfter !== undefined) metadata.set("grpc-retry-pushback-ms", String(Math.ceil(retryAfter * 1000)));
  return Object.assign(new Error(message), { code: grpcStatus[kind], details: message, metadata });
}
