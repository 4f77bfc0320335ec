/** @file A request to the administrative routes, and its answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { InvalidInputError } from "../../errors.ts";
import { type Caller, httpStatus, ServingError } from "../inference.ts";
import { dataHeaders } from "../security/headers.ts";

/** What was asked for. */
export interface AdminRequest {
  readonly method: string;
  /** The parts of the path after `/admin/v1/`, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** The JSON of the body, undefined where there is none. */
  readonly body: unknown;
  readonly caller: Caller;
}

/** What is answered, as JSON. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Rules and their like; nothing here is large. */
const maxBody = 1 << 20;

/** Reads a body within its limit and parses it. Throws a {@link ServingError} for one that is too large or no JSON. */
export async function readAdminBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    // SAFETY: a request without an encoding gives buffers.
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > maxBody) throw new ServingError("too-large", `the request has more than ${maxBody} bytes`);
    chunks.push(bytes);
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new ServingError("invalid", "the body is no JSON", { cause });
  }
}

/** The answer for an error: what is unexpected is told to `onError` only. */
export function errorAnswer(error: unknown, onError: (error: unknown) => void): AdminAnswer {
  if (error instanceof InvalidInputError) return { status: 400, body: { error: error.message } };
  if (error instanceof ServingError)
    return { status: httpStatus[error.kind], body: { error: error.message } };
  onError(error);
  return { status: 500, body: { error: "the service failed" } };
}

/** Sends an answer; a body that was not read to its end closes the connection. */
export function sendAdminAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: AdminAnswer,
  isTls: boolean,
): void {
  if (response.destroyed || response.headersSent) return;
  if (!request.complete) response.shouldKeepAlive = false;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, [
    "content-type",
    "application/json",
    "content-length",
    String(Buffer.byteLength(text)),
    ...(status === 401 ? ["www-authenticate", "Bearer"] : []),
    ...dataHeaders(isTls),
  ]);
  response.end(text);
}
