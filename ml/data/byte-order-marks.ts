/** @file Texts that begin with a byte order mark (U+FEFF) keep it: DuckDB's package decodes with a default that drops it. */
import { createRequire } from "node:module";

let isDone = false;

/** Gives DuckDB's package a decoder that leaves texts whole, once for the process. */
export function keepByteOrderMarks(): void {
  if (isDone) return;
  isDone = true;
  const accessors: unknown = createRequire(import.meta.url)("@duckdb/node-api/lib/vectors/dataAccessors.js");
  Reflect.set(Object(accessors), "textDecoder", new TextDecoder("utf-8", { ignoreBOM: true }));
}
