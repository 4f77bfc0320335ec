/** A file is no model of the library that it is said to be of, is damaged, or holds what a forest can't. */
export class ForestFileError extends Error {
  override readonly name = "ForestFileError";
}
