/** A call to the store of runs that it refused, or that can't be made. The message says which and why. */
export class TrackingError extends Error {
  override readonly name: string = "TrackingError";
  /** MLflow's code of the refusal, such as `RESOURCE_DOES_NOT_EXIST`, where the store gave one. */
  readonly code: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: string | undefined } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** The store of runs doesn't answer now: the same call may work later. */
export class TrackingUnavailableError extends TrackingError {
  override readonly name = "TrackingUnavailableError";
  /** Whether it is certain that the store did not get the call. */
  readonly neverSent: boolean;
  /** Whether it is the caller that isn't let in: another try needs another token. */
  readonly denied: boolean;

  constructor(
    message: string,
    options: ErrorOptions & {
      readonly code?: string | undefined;
      readonly neverSent?: boolean;
      readonly denied?: boolean;
    } = {},
  ) {
    super(message, options);
    this.neverSent = options.neverSent ?? false;
    this.denied = options.denied ?? false;
  }
}

/** Something is logged where no run has been started. */
export class NoActiveRunError extends TrackingError {
  override readonly name = "NoActiveRunError";

  constructor() {
    super("there is no active run: start one by `await startRun()`, or log inside `run(options, work)`");
  }
}
