/** A suite, schema or expectation that is not well formed, or does not fit the table; the message says where and what. */
export class SuiteError extends Error {
  override readonly name = "SuiteError";
}
