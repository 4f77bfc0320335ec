/** @file Reading what a report was stored as: JSON that says its format and its version, before anything else is believed. */
import * as v from "valibot";

/** A stored form. */
interface StoredForm<S extends v.GenericSchema> {
  /** What it is called in errors, such as `profile`. */
  readonly what: string;
  /** What its `format` says. */
  readonly format: string;
  readonly schema: S;
  /** The error for what can't be read. */
  readonly fail: (message: string, options?: ErrorOptions) => Error;
}

const version = 1;

/** JSON (text, or what it parses to) in a stored form. Throws the form's error where it is none, or of another version. */
export function parseStored<S extends v.GenericSchema>(
  json: unknown,
  { what, format, schema, fail }: StoredForm<S>,
): v.InferOutput<S> {
  const parsed = typeof json === "string" ? parseText(json, what, fail) : json;
  const head = v.safeParse(v.looseObject({ format: v.literal(format), version: v.number() }), parsed);
  if (!head.success) throw fail(`this is no ${what}: its "format" is not "${format}"`);
  if (head.output.version !== version)
    throw fail(
      `the ${what} has version ${head.output.version}, and this release reads version ${version}: update tenon`,
    );
  const found = v.safeParse(schema, parsed);
  if (found.success) return found.output;
  const [issue] = found.issues;
  throw fail(`the ${what} is damaged at ${v.getDotPath(issue) ?? "its top"}: ${issue.message}`);
}

function parseText(
  text: string,
  what: string,
  fail: (message: string, options?: ErrorOptions) => Error,
): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail(`this is no ${what}: ${reason}`, { cause });
  }
}
