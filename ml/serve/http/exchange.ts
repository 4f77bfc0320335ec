/**
 * @file One request over HTTP and its answer: reads the body within its limit, gives it to the target's handler, and sends
 * what that makes, errors in the protocol's form. Nothing here is made anew for a request that needn't be.
 */
import { IncomingMessage, type ServerResponse } from "node:http";
import { InvalidInputError } from "../../errors.ts";
import { httpStatus, ServingError, type CallContext, type Caller } from "../inference.ts";
import type { ModelPlan } from "../plan/model-plan.ts";
import type { ModelService } from "../service/model-service.ts";
import { requireAsking } from "../security/grants.ts";
import { readHeaders, type RequestHeaders } from "./request-headers.ts";
import type { HttpApp } from "./http-app.ts";
import { boundUnread } from "./unread-answers.ts";
import { unpackBody } from "./unpack-body.ts";

/** What answers at a place. */
export interface Target {
  /** How its errors look, and what the call context says. */
  readonly protocol: CallContext["protocol"];
  /** Whether the handler waits for the body. */
  readonly takesBody: boolean;
  /** Whether it answers POST for a model that is there, so that its path may be remembered. */
  readonly isOfModel?: boolean;
  /** The model that is asked, where the path or the server says it; throws a {@link ServingError} where neither does. */
  readonly modelOf?: (models: ModelService) => string;
  /** Whether it tells the server's health, which is nobody's secret: who asks is not asked. */
  readonly isHealth?: boolean;
  readonly handle: (exchange: Exchange) => void | Promise<void>;
}

/** Node's request with the exchange that it belongs to. */
export class ServingRequest extends IncomingMessage {
  exchange: Exchange | undefined;
}

const noBody = Buffer.alloc(0);

/** A request and its answer. */
export class Exchange {
  readonly app: HttpApp;
  readonly request: ServingRequest;
  readonly response: ServerResponse;
  readonly target: Target;
  body: Buffer = noBody;
  /** Whether the client sends its body only when it is told that it will be taken. */
  awaitsContinue = false;
  #chunks: Buffer[] | undefined;
  #size = 0;
  /** What the server holds of it until it is whole, beyond its first part: most bodies come in one. */
  #held = 0;
  #headers: RequestHeaders | undefined;

  constructor(app: HttpApp, request: ServingRequest, response: ServerResponse, target: Target) {
    this.app = app;
    this.request = request;
    this.response = response;
    this.target = target;
  }

  /** Begins: a body is only taken of who may ask the model now, and read at once where there is none to wait for. */
  begin(): void {
    const { authenticate } = this.app;
    try {
      const caller = authenticate && !this.target.isHealth ? authenticate(this.request) : undefined;
      if (caller instanceof Promise) void this.#admitLater(caller);
      else this.#admit(caller);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #admitLater(proving: Promise<Caller>): Promise<void> {
    try {
      this.#admit(await proving);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #admit(caller: Caller | undefined): void {
    this.caller = caller;
    const { admit, models } = this.app;
    const { takesBody, modelOf } = this.target;
    if (takesBody) {
      if (caller && modelOf) requireAsking(caller, modelOf(models));
      if (admit)
        admit((this.caller ??= { name: undefined, address: this.request.socket.remoteAddress ?? "" }));
    }
    this.#receive();
  }

  /** A body of somebody else is let pass unread. */
  #refuse(error: unknown): void {
    this.request.resume();
    this.fail(error);
  }

  #receive(): void {
    if (!this.target.takesBody) {
      this.request.resume();
      this.#handle();
      return;
    }
    const { contentLength } = this.headers;
    if (contentLength !== undefined && Number(contentLength) > this.app.limits.body) {
      this.fail(this.#tooLarge());
      return;
    }
    if (this.awaitsContinue) this.response.writeContinue();
    this.request.exchange = this;
    this.request.on("data", onData);
    this.request.on("end", onEnd);
  }

  /** The headers that matter to inference. */
  get headers(): RequestHeaders {
    return (this.#headers ??= readHeaders(this.request.rawHeaders));
  }

  take(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.app.limits.body) {
      this.#stop(this.#tooLarge());
      return;
    }
    if (this.body === noBody) this.body = chunk;
    else this.#hold(chunk);
  }

  #hold(chunk: Buffer): void {
    if (!this.#chunks) {
      this.#chunks = [this.body];
      this.request.once("close", () => this.#letGo());
    }
    const { app } = this;
    if (app.unfinished + chunk.length > app.limits.unfinished) {
      const message = "too many bodies of requests are on their way";
      this.#stop(new ServingError("unavailable", message, { retryAfter: 1, isBeforeModel: true }));
      return;
    }
    app.unfinished += chunk.length;
    this.#held += chunk.length;
    this.#chunks.push(chunk);
  }

  #letGo(): void {
    this.app.unfinished -= this.#held;
    this.#held = 0;
  }

  /** Takes no more of the body. */
  #stop(error: ServingError): void {
    this.request.off("data", onData);
    this.request.off("end", onEnd);
    this.#chunks = undefined;
    this.body = noBody;
    this.#letGo();
    this.fail(error);
  }

  #tooLarge(): ServingError {
    return new ServingError("too-large", `the request has more than ${this.app.limits.body} bytes`);
  }

  end(): void {
    if (this.#chunks) {
      this.body = Buffer.concat(this.#chunks, this.#size);
      this.#letGo();
    }
    const { contentEncoding } = this.headers;
    if (contentEncoding === undefined || contentEncoding === "identity") this.#handle();
    else void this.#unpack(contentEncoding);
  }

  async #unpack(encoding: string): Promise<void> {
    try {
      this.body = await unpackBody(this.body, encoding, this.app.limits.body);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#handle();
  }

  #handle(): void {
    try {
      const later = this.target.handle(this);
      if (later instanceof Promise) void this.#watch(later);
    } catch (error) {
      this.fail(error);
    }
  }

  async #watch(later: Promise<void>): Promise<void> {
    try {
      await later;
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * What a model takes, for a call of it.
   * @throws {@link ServingError} of kind `forbidden` where the caller may not ask it, and `not-found`
   */
  planToAsk(model: string, version: string | undefined): ModelPlan {
    requireAsking(this.caller, model);
    return this.app.models.planOf(model, version);
  }

  /** Who calls, where that was asked. */
  caller: Caller | undefined;

  /** Sends the answer. */
  send(status: number, type: string, body: string | Uint8Array, more?: readonly string[]): void {
    const { response } = this;
    if (this.app.isDraining) response.shouldKeepAlive = false;
    const length = String(typeof body === "string" ? Buffer.byteLength(body) : body.length);
    const headers = ["content-type", type, "content-length", length, "x-content-type-options", "nosniff"];
    if (more) headers.push(...more);
    response.writeHead(status, headers);
    response.end(body);
    boundUnread(response, this.app.limits.unread);
  }

  /** Sends JSON. */
  json(status: number, value: unknown): void {
    this.send(status, "application/json", JSON.stringify(value));
  }

  /** Sends an error in the protocol's form, unless an answer has begun. */
  fail(error: unknown): void {
    const { response, request } = this;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const told = toldError(error, this.app.onError);
    const more: string[] = [];
    if (told.retryAfter !== undefined) more.push("retry-after", String(Math.ceil(told.retryAfter)));
    if (told.kind === "unauthenticated") more.push("www-authenticate", "Bearer");
    // What is left of a body that was refused is not read.
    if (!request.complete) response.shouldKeepAlive = false;
    const body = errorBodies[this.target.protocol](told);
    this.send(httpStatus[told.kind], "application/json", JSON.stringify(body), more);
  }
}

function onData(this: ServingRequest, chunk: Buffer): void {
  this.exchange?.take(chunk);
}

function onEnd(this: ServingRequest): void {
  this.exchange?.end();
}

/** An error as callers are told of it: what is unexpected goes to `onError`, and callers only learn that it was there. */
export function toldError(error: unknown, onError: (error: unknown) => void): ServingError {
  if (error instanceof ServingError) return error;
  if (error instanceof InvalidInputError) return new ServingError("invalid", error.message, { cause: error });
  onError(error);
  return new ServingError("internal", "the service failed", { cause: error });
}

const mlflowCodes: Partial<Record<ServingError["kind"], string>> = {
  invalid: "BAD_REQUEST",
  "not-found": "RESOURCE_DOES_NOT_EXIST",
  unauthenticated: "UNAUTHENTICATED",
  forbidden: "PERMISSION_DENIED",
  "rate-limited": "REQUEST_LIMIT_EXCEEDED",
  overloaded: "REQUEST_LIMIT_EXCEEDED",
  unavailable: "TEMPORARILY_UNAVAILABLE",
};

const mlflowError = ({ kind, message }: ServingError): object => ({
  error_code: mlflowCodes[kind] ?? "INTERNAL_ERROR",
  message,
});
const plainError = ({ message }: ServingError): object => ({ error: message });

/** Errors as each protocol has them. */
const errorBodies: Readonly<Record<CallContext["protocol"], (error: ServingError) => object>> = {
  v2: plainError,
  grpc: plainError,
  tensorflow: plainError,
  vertex: plainError,
  mlflow: mlflowError,
  sagemaker: mlflowError,
};
