/** @file What can go wrong between a client and its kernel. */

/** The kernel did not come up. The message ends with what the kernel wrote to stderr. */
export class KernelStartError extends Error {
  override readonly name = "KernelStartError";
}

/** The kernel ended, or stopped answering, while something was waiting for it. */
export class KernelDiedError extends Error {
  override readonly name = "KernelDiedError";
}

/** A request got no reply within its time. */
export class RequestTimeoutError extends Error {
  override readonly name = "RequestTimeoutError";
}

/** The client was closed, or its kernel restarted, while something was waiting for it. */
export class ClientClosedError extends Error {
  override readonly name = "ClientClosedError";
}

/** The kernel's reply does not have the form that the protocol gives it. */
export class UnexpectedReplyError extends Error {
  override readonly name = "UnexpectedReplyError";
}
