/** @file Why a file cannot be read, in one line. */
import { TableFileError } from "../../ml/data/errors.ts";

const longest = 300;

/** The first line of an error's message, shortened; without the file's path, which is said elsewhere. */
export function oneLine(error: unknown): string {
  let message = error instanceof Error ? error.message : String(error);
  if (error instanceof TableFileError && message.startsWith(error.path))
    message = message.slice(error.path.length).replace(/^[:,]\s*/, "");
  const [first = ""] = message.trim().split("\n");
  return first.length > longest ? `${first.slice(0, longest)}…` : first;
}
