/** @file Errors in one line. */

const longest = 300;

/** The first line of an error's message, shortened. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ""] = message.trim().split("\n");
  return first.length > longest ? `${first.slice(0, longest)}…` : first;
}
