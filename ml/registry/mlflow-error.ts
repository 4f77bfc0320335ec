/** @file Errors as MLflow's REST API tells them: a code, a message, and the HTTP status that belongs to the code. */

/** The codes that this server answers with, and their HTTP statuses, as in MLflow's `ERROR_CODE_TO_HTTP_STATUS`. */
const statuses = {
  INTERNAL_ERROR: 500,
  INVALID_STATE: 500,
  NOT_IMPLEMENTED: 501,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  TEMPORARILY_UNAVAILABLE: 503,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  INVALID_PARAMETER_VALUE: 400,
  REQUEST_LIMIT_EXCEEDED: 429,
} as const;

export type ErrorCode = keyof typeof statuses;

export interface MlflowErrorOptions extends ErrorOptions {
  /** Another HTTP status than the code's. */
  readonly status?: number;
  /** After how many seconds the client may ask again. */
  readonly retryAfter?: number;
}

/** A request that MLflow's API refuses. The message is shown to the client. */
export class MlflowError extends Error {
  override readonly name = "MlflowError";
  readonly code: ErrorCode;

  /** After how many seconds the client may ask again. */
  readonly retryAfter: number | undefined;

  /** The HTTP status of the answer. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, options?: MlflowErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = options?.status ?? statuses[code];
    this.retryAfter = options?.retryAfter;
  }
}

/** A value that the API does not take. */
export function invalidParameter(message: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", message);
}

/** Something that is not there. */
export function doesNotExist(message: string): MlflowError {
  return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
}
