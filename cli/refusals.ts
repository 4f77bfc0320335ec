/** @file What packages, signatures, registries and stores of data refuse, as one line for people. */
import { DataVersionError } from "../ml/data-versions/errors.ts";
import { InvalidInputError } from "../ml/errors.ts";
import { EncryptionError } from "../ml/package/encryption/encryption-error.ts";
import { ModelPackageError } from "../ml/package/errors.ts";
import { ImageError } from "../ml/package/images/index.ts";
import { SignatureError } from "../ml/package/signing/index.ts";
import { UnknownAnswerError } from "../ml/registry/governance/client.ts";
import { TrackingError } from "../ml/track/errors.ts";
import { CommandFailure, describeFileError, exitCode } from "./failure.ts";

/** Errors that say in a line what is wrong. */
const refusals = [
  DataVersionError,
  EncryptionError,
  ImageError,
  InvalidInputError,
  ModelPackageError,
  SignatureError,
  TrackingError,
  UnknownAnswerError,
] as const;

/**
 * Runs, and turns what people can act upon into a failure of one line. Ctrl-C stops what runs, which then cleans up.
 * @throws {CommandFailure}
 */
export async function withRefusals<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupted = new CommandFailure("interrupted", exitCode.interrupted);
  const interrupt = (): void => stop.abort(interrupted);
  process.once("SIGINT", interrupt);
  try {
    return await run(stop.signal);
  } catch (error) {
    // What was given up fails in its own words.
    if (stop.signal.aborted) throw interrupted;
    if (error instanceof Error && refusals.some((refusal) => error instanceof refusal))
      throw new CommandFailure(error.message, undefined, { cause: error });
    if (error instanceof Error && "code" in error && "path" in error && typeof error.path === "string")
      throw new CommandFailure(describeFileError(error, error.path), undefined, { cause: error });
    throw error;
  } finally {
    process.off("SIGINT", interrupt);
  }
}
