/** @file Tags and params as the database's JSON gives them. */
import * as v from "valibot";
import type { KeyValue } from "../limits.ts";
import type { SqlValue } from "./database.ts";

const schema = v.array(v.object({ key: v.string(), value: v.string() }));

/** Parses a list of keys and values that the database made. */
export function parseKeyValues(json: SqlValue | undefined): readonly KeyValue[] {
  return v.parse(schema, JSON.parse(String(json)));
}
