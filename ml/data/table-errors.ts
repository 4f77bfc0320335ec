/** @file DuckDB's errors about files, as one line that says where. */
import { QueryError, TableFileError } from "./errors.ts";

/** An error of a query; of a text file it names the file and the line. */
export function readableError(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error;
  const { message } = error;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  if (line === undefined) return error;
  const [, path = "the file"] = /^\s*file\s*=\s*(.+)$/m.exec(message) ?? [];
  return new TableFileError(path, csvReason(message), { cause: error, line: Number(line) });
}

function csvReason(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith("Original Line:"));
  const original = lines[start]?.slice("Original Line:".length).trim() ?? "";
  const reason = lines[start + 1] ?? "it cannot be read";
  const shown = original.length > 80 ? `${original.slice(0, 80)}…` : original;
  return `${reason.replace(/\.$/, "")} (the line is ${JSON.stringify(shown)})`;
}
