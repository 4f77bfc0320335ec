/** @file Errors that a step's SQL raises, as those of the library. */
import { QueryError } from "../data/errors.ts";
import { InvalidInputError } from "../errors.ts";

/** What DuckDB puts before the message of `error()`. */
const raised = /^Invalid Input Error: (column ".*)$/s;

/** Runs a query whose expressions may call `error()`. Throws {@link InvalidInputError} with the message of that. */
export async function readableErrors<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof QueryError ? raised.exec(error.message)?.[1] : undefined;
    if (message === undefined) throw error;
    throw new InvalidInputError(message, { cause: error });
  }
}
