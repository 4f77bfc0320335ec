/**
 * @file Requests, parsed as protobuf's JSON is: what is null is not given, numbers of 64 bits may be texts, fields that
 * nobody knows are passed over. What is wrong is told in MLflow's words.
 */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";

const missing = "missing";
const seeDocs = "See the API docs for more information about request parameters.";

export const text = v.nullish(v.string(), "");
export const optionalText = v.pipe(
  v.nullish(v.string()),
  v.transform((value) => value ?? undefined),
);
export const requiredText = v.pipe(v.nullish(v.string(), ""), v.minLength(1, missing));
export const texts = v.nullish(v.array(v.string()), []);
export const flag = v.nullish(
  v.union([
    v.boolean(),
    v.pipe(
      v.picklist(["true", "false"]),
      v.transform((value) => value === "true"),
    ),
  ]),
  false,
);
const integerValue = v.union([
  v.pipe(v.number(), v.safeInteger()),
  v.pipe(v.string(), v.regex(/^\s*[+-]?\d+\s*$/), v.transform(Number), v.safeInteger()),
]);
export const integer = v.pipe(
  v.nullish(integerValue),
  v.transform((value) => value ?? undefined),
);
export const keyValues = v.nullish(v.array(v.object({ key: requiredText, value: text })), []);

/** A value of a request parsed by a schema. Throws MLflow's INVALID_PARAMETER_VALUE for the first thing that is wrong. */
export function parseRequest<const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = pathOf(issue.path ?? []);
  if (issue.message === missing || issue.input === undefined) throw missingParameter(path);
  throw invalidField(path, issue.input);
}

/** The error of a field that must be given. */
export function missingParameter(path: string): Error {
  return invalidParameter(`Missing value for required parameter '${path}'. ${seeDocs}`);
}

/** The error of a field whose value is of another type. */
export function invalidField(path: string, value: unknown): Error {
  const shown = jsonOf(value);
  return invalidParameter(
    `Invalid value ${shown.length > 500 ? `${shown.slice(0, 500)}…` : shown} for parameter '${path}' supplied:  Hint: Value was of type '${pythonType(value)}'. ${seeDocs}`,
  );
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    // Nested deeper than the stack is.
    return "…";
  }
}

function pathOf(path: readonly { readonly key: unknown }[]): string {
  return path
    .map(({ key }, at) => (typeof key === "number" ? `[${key}]` : `${at === 0 ? "" : "."}${String(key)}`))
    .join("");
}

/** The type as MLflow's users know it. */
function pythonType(value: unknown): string {
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value === null) return "NoneType";
  return Array.isArray(value) ? "list" : "dict";
}
