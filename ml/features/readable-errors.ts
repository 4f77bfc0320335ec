/** @file Errors that a step's SQL raises, as those of the library. */
import { QueryError } from "../data/errors.ts";
import { InvalidInputError } from "../errors.ts";

/** What DuckDB puts before the message of `error()`. */
const raised = /^Invalid Input Error: (column ".*)$/s;
const tooLarge = /Type DOUBLE with value (\S+) can't be cast .* type FLOAT/s;

/** Runs a query whose expressions may call `error()` and whose numbers are cast to float32. Throws {@link InvalidInputError} with the message of that. */
export async function readableErrors<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const [, message] = raised.exec(error.message) ?? [];
    if (message !== undefined) throw new InvalidInputError(message, { cause: error });
    const [, value] = tooLarge.exec(error.message) ?? [];
    if (value === undefined) throw error;
    throw new InvalidInputError(
      `a feature would be ${value}, which is too large for float32: scale the column`,
      {
        cause: error,
      },
    );
  }
}
