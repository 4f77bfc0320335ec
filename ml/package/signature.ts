/**
 * @file What a model takes and gives, as data: the columns of its rows and its outputs.
 *
 * Inputs have the type that callers know (`type`) and that of the ONNX graph's input (`dtype`), a vector `[rows]`, or a tensor
 * `[rows, ...shape]` where they have a shape: an image, a sequence, a row of a matrix. Outputs are vectors `[rows]`, matrices
 * `[rows, columns.length]` where their columns have names, or tensors `[rows, ...shape]`.
 */
import * as v from "valibot";
import { readModel } from "../model-json.ts";

/** What a column of a model's rows may hold. */
export const inputTypes = [
  "boolean",
  "int8",
  "int16",
  "int32",
  "int64",
  "int128",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "uint128",
  "decimal",
  "float32",
  "float64",
  "string",
  "uuid",
  "json",
  "date",
  "timestamp",
  "timestamptz",
] as const;

/** The type of a column of a model's rows. */
export type InputType = (typeof inputTypes)[number];

/** The type of a model's output. */
export type OutputType = "boolean" | "int64" | "float32" | "float64" | "string";

/** A column of a model's rows. */
export interface SignatureInput {
  readonly name: string;
  /** What callers give. */
  readonly type: InputType;
  /** The element type of the ONNX graph's input. */
  readonly dtype: InputDType;
  /** Whether every row must have a value. */
  readonly required: boolean;
  /** The sizes of a row's tensor, -1 for any; absent where a row has one value. */
  readonly shape?: readonly number[] | undefined;
}

/** The element types that inputs of the graph may have; those of columns come first. */
const columnDTypes = ["float32", "float64", "int64", "bool", "string"] as const;
const inputDTypes = [...columnDTypes, "int32", "int8", "uint8"] as const;

/** The element type of an input of the graph; int32, int8 and uint8 are those of tensors only. */
export type InputDType = (typeof inputDTypes)[number];

/** What callers give for the elements of a tensor. */
const tensorTypes = {
  float32: "float32",
  float64: "float64",
  int64: "int64",
  int32: "int32",
  int8: "int8",
  uint8: "uint8",
  bool: "boolean",
  string: "string",
} as const satisfies Record<InputDType, InputType>;

/** An output of a model. */
export interface SignatureOutput {
  readonly name: string;
  readonly type: OutputType;
  /** All values that it can have, where these are known. */
  readonly values?: readonly (string | number | boolean)[] | undefined;
  /** The names of a matrix's columns; a vector has none. */
  readonly columns?: readonly string[] | undefined;
  /** The sizes of a row's tensor, -1 for any; absent where a row has one value, or columns. */
  readonly shape?: readonly number[] | undefined;
}

/** What a model takes and gives. */
export interface ModelSignature {
  readonly inputs: readonly SignatureInput[];
  readonly outputs: readonly SignatureOutput[];
}

const name = v.pipe(v.string(), v.minLength(1));
const unique = "names must be unique";
const shape = v.optional(
  v.pipe(
    v.array(
      v.pipe(
        v.number(),
        v.safeInteger(),
        v.check((size) => size === -1 || size > 0, "a size is a number from 1 up, or -1 for any"),
      ),
    ),
    v.minLength(1),
    v.maxLength(7),
  ),
);

const inputSchema = v.object({
  name,
  type: v.picklist(inputTypes),
  dtype: v.picklist(inputDTypes),
  required: v.boolean(),
  shape,
});

const outputSchema = v.pipe(
  v.object({
    name,
    type: v.picklist(["boolean", "int64", "float32", "float64", "string"]),
    values: v.optional(v.array(v.union([v.string(), v.pipe(v.number(), v.safeInteger()), v.boolean()]))),
    columns: v.optional(
      v.pipe(
        // Of a classification they are its classes, which may be the empty text.
        v.array(v.string()),
        v.minLength(1),
        v.check((columns) => new Set(columns).size === columns.length, unique),
      ),
    ),
    shape,
  }),
  v.check(
    ({ type, values = [] }) => values.every((value) => typeof value === typesOfValues[type]),
    "the values must be of the output's type",
  ),
  v.check(
    ({ type, columns }) => columns === undefined || type === "float32" || type === "float64",
    "an output with columns must be of numbers",
  ),
  v.check(
    ({ columns, shape: sizes }) => columns === undefined || sizes === undefined,
    "an output has columns or a shape, not both",
  ),
);

const typesOfValues = {
  boolean: "boolean",
  int64: "number",
  float32: "number",
  float64: "number",
  string: "string",
} as const;

const areUnique = (each: readonly { readonly name: string }[]): boolean =>
  new Set(each.map((one) => one.name)).size === each.length;

/** The schema of a signature in JSON. */
const signatureSchema = v.pipe(
  v.object({
    inputs: v.pipe(
      v.array(inputSchema),
      v.minLength(1),
      v.check((each) => areUnique(each), unique),
    ),
    outputs: v.pipe(
      v.array(outputSchema),
      v.minLength(1),
      v.check((each) => areUnique(each), unique),
    ),
  }),
  v.check(({ inputs }) => inputs.every(isFed), "an input's dtype has no form for its type"),
  v.check(
    ({ outputs }) => areUnique(outputs.flatMap(flatNames).map((each) => ({ name: each }))),
    "an output and a column of another have one name",
  ),
  v.check(
    ({ inputs, outputs }) => areUnique([...inputs, ...outputs]),
    "an input and an output have one name, which a graph can't: rename the column",
  ),
);

/** Whether the graph's input can hold a column's values, or the tensor's elements. */
function isFed({ type, dtype, required, shape: sizes }: SignatureInput): boolean {
  if (sizes !== undefined) return required && tensorTypes[dtype] === type;
  if (!columnDTypes.some((each) => each === dtype)) return false;
  const kind = valueKind(type);
  if (kind === "text" || dtype === "string") return kind === "text" && dtype === "string";
  if (kind === "float") return dtype === "float32" || dtype === "float64";
  return kind === "boolean" ? dtype !== "int64" : dtype !== "bool";
}

/**
 * A signature out of plain data.
 * @throws {@link InvalidInputError} that names the first part that doesn't fit
 */
export function parseSignature(json: unknown): ModelSignature {
  return readModel("model signature", signatureSchema, json);
}

/** Whether a model takes tensors: then it has no rows of columns. */
export function takesTensors({ inputs }: Pick<ModelSignature, "inputs">): boolean {
  return inputs.some(({ shape: sizes }) => sizes !== undefined);
}

/** Whether MLflow is given a model's outputs as arrays by name: where it takes or gives tensors. */
export function givesTensors(signature: ModelSignature): boolean {
  return takesTensors(signature) || signature.outputs.some(({ shape: sizes }) => sizes !== undefined);
}

/** What a type's values are like. */
export type ValueKind = "boolean" | "integer" | "float" | "text" | "date" | "timestamp";

const kinds: Readonly<Record<InputType, ValueKind>> = {
  boolean: "boolean",
  int8: "integer",
  int16: "integer",
  int32: "integer",
  int64: "integer",
  uint8: "integer",
  uint16: "integer",
  uint32: "integer",
  // Wider than 64 bits, or than a signed 64 bits: the graph takes them as doubles.
  uint64: "float",
  int128: "float",
  uint128: "float",
  decimal: "float",
  float32: "float",
  float64: "float",
  string: "text",
  uuid: "text",
  json: "text",
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamp",
};

/** What the values of a column are like. */
export function valueKind(type: InputType): ValueKind {
  return kinds[type];
}

/** The names under which an output stands in a flat row: its own, or one for each column of a matrix. */
export function flatNames({ name: output, columns }: SignatureOutput): readonly string[] {
  return columns ? columns.map((column) => `${output}_${column}`) : [output];
}
