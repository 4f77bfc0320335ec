/** @file Stored reference values: each JSON stands beside the Python script that wrote it. */
import { readFileSync } from "node:fs";
import * as v from "valibot";

/** Reads `test/reference/<name>.json`. */
export function readReference<const Schema extends v.GenericSchema>(
  name: string,
  schema: Schema,
): v.InferOutput<Schema> {
  const file = new URL(`../reference/${name}.json`, import.meta.url);
  return v.parse(schema, JSON.parse(readFileSync(file, "utf8")));
}
