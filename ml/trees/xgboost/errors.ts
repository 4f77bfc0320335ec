/** XGBoost's library, or koffi, which calls it, isn't there or isn't one that can be used; the message says what to do. */
export class XgboostMissingError extends Error {
  override readonly name = "XgboostMissingError";
}

/** XGBoost's library refused or failed at what it was asked for; the message is its own. */
export class XgboostError extends Error {
  override readonly name = "XgboostError";
}
