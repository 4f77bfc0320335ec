/** @file Tensors of a request, from whichever protocol, checked against a model's plan. */
import { InvalidInputError } from "../../errors.ts";
import { checkedCell } from "../../package/cell-values.ts";
import type { Datatype, TensorElements } from "../inference.ts";
import { missingValue, roomFor, type ModelInputs } from "./model-inputs.ts";
import type { InputPlan, ModelPlan } from "./model-plan.ts";

/** A tensor that a caller gave: elements of columns may be whatever JSON has. */
export interface GivenTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorElements | readonly unknown[];
}

/**
 * The values of tensors, in the places of the plan.
 * @throws {@link InvalidInputError} that names the input, for one that is unknown, missing, there twice, or of another type or
 * shape than the model takes, and for values that it can't take
 */
export function inputsOfTensors(plan: ModelPlan, tensors: readonly GivenTensor[]): ModelInputs {
  const rows = rowsOf(plan, tensors);
  const inputs = roomFor(plan, rows);
  const given = new Set<InputPlan>();
  for (const tensor of tensors) {
    const input = findInput(plan, tensor.name);
    if (given.has(input)) throw new InvalidInputError(`the input "${input.name}" is there twice`);
    given.add(input);
    checkTensor(input, tensor, rows);
    writeTensor(plan, input, tensor, inputs);
  }
  for (const input of plan.inputs)
    if (!given.has(input)) {
      if (input.group === "tensor") throw new InvalidInputError(`the input "${input.name}" is missing`);
      if (input.required && rows > 0) throw missingValue(input, 0);
    }
  return inputs;
}

/**
 * The input of a name.
 * @throws {@link InvalidInputError} where the model has none
 */
export function findInput(plan: ModelPlan, name: string): InputPlan {
  const input = plan.inputsByName.get(name);
  if (input) return input;
  throw new InvalidInputError(
    `the model has no input ${JSON.stringify(name.slice(0, 100))}; it takes ${shownNames([...plan.inputsByName.keys()])}`,
  );
}

/** Names for an error, the first of many. */
export function shownNames(names: readonly string[]): string {
  const rest = names.length - 20;
  return `${names.slice(0, 20).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function rowsOf(plan: ModelPlan, tensors: readonly GivenTensor[]): number {
  const [first] = tensors;
  // Its elements are counted before there is room made for as many rows as it says.
  if (first) {
    const rows = first.shape[0] ?? 0;
    checkTensor(findInput(plan, first.name), first, rows);
    return rows;
  }
  throw new InvalidInputError(
    `the request has no inputs; the model takes ${shownNames([...plan.inputsByName.keys()])}`,
  );
}

function checkTensor(input: InputPlan, { name, datatype, shape, data }: GivenTensor, rows: number): void {
  const wrongShape = (): InvalidInputError =>
    new InvalidInputError(
      `the input "${name}" has shape [${shape.join(", ")}], where [${[rows, ...input.shape].join(", ")}] is needed`,
    );
  if (shape[0] !== rows)
    throw new InvalidInputError(
      `the input "${name}" has ${shape[0] ?? "no"} rows, where the first input has ${rows}`,
    );
  if (input.group === "tensor") {
    if (datatype !== input.datatype)
      throw new InvalidInputError(`the input "${name}" is ${datatype}, where ${input.datatype} is needed`);
    if (shape.length !== input.shape.length + 1) throw wrongShape();
    for (const [axis, size] of input.shape.entries()) {
      const found = shape[axis + 1] ?? 0;
      if (found < 1 || (size !== -1 && found !== size)) throw wrongShape();
    }
  } else if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) throw wrongShape();
  let elements = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new InvalidInputError(`the input "${name}" has the size ${size} in its shape`);
    elements *= size;
  }
  if (elements !== data.length)
    throw new InvalidInputError(
      `the input "${name}" has ${data.length} elements, and its shape [${shape.join(", ")}] has ${elements}`,
    );
}

function writeTensor(
  plan: ModelPlan,
  input: InputPlan,
  { shape, datatype, data: given }: GivenTensor,
  into: ModelInputs,
): void {
  const isHalf = datatype === "FP16" && input.group !== "tensor" && given instanceof Uint16Array;
  const data = isHalf ? Float32Array.from(given, halfNumber) : given;
  if (input.group === "tensor") {
    if (datatype === "BOOL" && data instanceof Uint8Array && data.some((each) => each > 1))
      throw new InvalidInputError(`the input "${input.name}" is BOOL and has bytes other than 0 and 1`);
    if (!isElementsOf(datatype, data))
      throw new InvalidInputError(`the input "${input.name}" has elements that aren't ${datatype}`);
    into.tensors[input.place] = data;
    into.shapes[input.place] = shape;
    return;
  }
  if (input.kind === "float" && (data instanceof Float64Array || data instanceof Float32Array)) {
    copyColumn(plan, input, data, into);
    return;
  }
  for (let row = 0; row < data.length; row++) {
    if (input.group === "text")
      into.texts[row * plan.texts + input.place] = checkedText(input, data[row], row);
    else into.numbers[row * plan.numbers + input.place] = checkedNumber(input, data[row], row);
  }
}

function copyColumn(
  { numbers: width }: ModelPlan,
  input: InputPlan,
  data: Float64Array | Float32Array,
  { numbers }: ModelInputs,
): void {
  const { place, required } = input;
  for (let row = 0; row < data.length; row++) {
    const value = data[row] ?? Number.NaN;
    if (required && Number.isNaN(value)) throw missingValue(input, row);
    numbers[row * width + place] = value;
  }
}

/** The number of the bits of IEEE 754's binary16. */
function halfNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const arrayTypes: Partial<Record<Datatype, new (length: number) => TensorElements>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  INT8: Int8Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

function isElementsOf(datatype: Datatype, data: GivenTensor["data"]): data is TensorElements {
  if (datatype === "BYTES") return Array.isArray(data) && data.every((each) => typeof each === "string");
  const Elements = arrayTypes[datatype];
  return Elements !== undefined && data instanceof Elements;
}

/**
 * A text; "" is a missing one.
 * @throws {@link InvalidInputError} that names column and row
 */
export function checkedText(input: InputPlan, value: unknown, row: number): string {
  return typeof value === "string" ? value : String(checkedCell(input, value, row) ?? "");
}

/**
 * A number, a truth value, a date or a time as the plan has it: dates and times may be ISO texts, or days and microseconds
 * since 1970. NaN is a missing one.
 * @throws {@link InvalidInputError} that names column and row
 */
export function checkedNumber(input: InputPlan, value: unknown, row: number): number {
  const { kind } = input;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number") {
    if (Number.isNaN(number)) {
      if (input.required) throw missingValue(input, row);
      return number;
    }
    if (kind === "float") return number;
    if (kind === "boolean" ? number === 0 || number === 1 : Number.isSafeInteger(number)) return number;
  }
  return Number(checkedCell(input, value, row) ?? Number.NaN);
}
