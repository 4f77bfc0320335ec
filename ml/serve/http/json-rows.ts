/** @file Rows in JSON as MLflow, TF Serving and Vertex AI have them: data frames, instances, columns of values. */
import { InvalidInputError } from "../../errors.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { InputPlan, ModelPlan } from "../plan/model-plan.ts";
import { inputsOfLists, inputsOfRecords } from "../plan/read-rows.ts";
import { findInput, inputsOfTensors, type GivenTensor } from "../plan/read-tensors.ts";
import { asObject, flatten, jsonElements } from "./v2-request.ts";

/**
 * `dataframe_split`: `{ columns, data }`.
 * @throws {@link InvalidInputError} that names the field, or column and row
 */
export function readSplit(plan: ModelPlan, value: unknown): ModelInputs {
  const { columns, data } = asObject(value, "dataframe_split");
  if (!Array.isArray(data)) throw new InvalidInputError("dataframe_split.data must be a list of rows");
  const rows = data.map((row: unknown, at) => asList(row, `dataframe_split.data[${at}]`));
  if (columns === undefined) return inputsOfLists(plan, { columns: columnNames(plan), data: rows });
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === "string"))
    throw new InvalidInputError("dataframe_split.columns must be a list of names");
  return inputsOfLists(plan, { columns, data: rows });
}

/** `dataframe_records`: objects by column. @throws {@link InvalidInputError} as {@link readSplit} */
export function readRecords(plan: ModelPlan, value: unknown, field = "dataframe_records"): ModelInputs {
  const records = asList(value, field).map((row, at) => asObject(row, `${field}[${at}]`));
  const [first] = records;
  // Names that are all unknown are a mistake and no missing values.
  const name = first && Object.keys(first)[0];
  if (first && name !== undefined && !Object.keys(first).some((each) => plan.inputsByName.has(each)))
    findInput(plan, name);
  return inputsOfRecords(plan, records);
}

/**
 * `instances`: for each row an object by input, a list of values in the signature's order, or the value of the only input.
 * @throws {@link InvalidInputError} as {@link readSplit}
 */
export function readInstances(plan: ModelPlan, value: unknown): ModelInputs {
  const instances = asList(value, "instances");
  const [first] = instances;
  const isObjects = isObject(first) && !("b64" in first);
  if (plan.tensors === 0) {
    if (isObjects) return readRecords(plan, instances, "instances");
    const columns = columnNames(plan);
    const data = instances.map((row, at) =>
      columns.length === 1 && !Array.isArray(row) ? [row] : asList(row, `instances[${at}]`),
    );
    return inputsOfLists(plan, { columns, data });
  }
  if (!isObjects) return inputsOfTensors(plan, [nestedTensor(onlyInput(plan), instances, "instances")]);
  const records = instances.map((row, at) => asObject(row, `instances[${at}]`));
  return inputsOfTensors(
    plan,
    plan.inputs.map((input) =>
      nestedTensor(
        input,
        records.map((record) => (Object.hasOwn(record, input.name) ? record[input.name] : undefined)),
        `instances.${input.name}`,
      ),
    ),
  );
}

/**
 * `inputs`: an object of all rows' values by input, or the values of the only input.
 * @throws {@link InvalidInputError} as {@link readSplit}
 */
export function readColumns(plan: ModelPlan, value: unknown): ModelInputs {
  if (isObject(value))
    return inputsOfTensors(
      plan,
      Object.entries(value).map(([name, values]) =>
        nestedTensor(findInput(plan, name), asList(values, `inputs.${name}`), `inputs.${name}`),
      ),
    );
  return inputsOfTensors(plan, [nestedTensor(onlyInput(plan), asList(value, "inputs"), "inputs")]);
}

/** The names of all inputs, in the signature's order. */
export function columnNames(plan: ModelPlan): readonly string[] {
  return plan.inputs.map(({ name }) => name);
}

function onlyInput(plan: ModelPlan): InputPlan {
  const [input, another] = plan.inputs;
  if (input && !another) return input;
  throw new InvalidInputError(
    `the model has ${plan.inputs.length} inputs: give an object with a value for each, by name`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidInputError(`${field} must be a list`);
  // SAFETY: a list of JSON holds unknown values.
  return value as readonly unknown[];
}

/** Lists in lists as a tensor of the shape that the first of them have. */
function nestedTensor(input: InputPlan, rows: readonly unknown[], field: string): GivenTensor {
  const shape: number[] = [];
  for (let each: unknown = rows; Array.isArray(each) && shape.length < 9; each = each[0])
    shape.push(each.length);
  requireShape(rows, shape, field);
  const data = flatten(rows, field).map(withoutBase64);
  const { name, datatype, group } = input;
  return {
    name,
    datatype,
    shape,
    data: group === "tensor" ? jsonElements(datatype, data, field) : data,
  };
}

/** Lists of other lengths would move values from one row to the next. */
function requireShape(list: readonly unknown[], [size, ...inner]: readonly number[], field: string): void {
  if (list.length !== size)
    throw new InvalidInputError(`${field} has ${list.length} elements, where the first has ${size}`);
  // A list that has none above it in the shape is told of by who takes the elements.
  if (inner.length === 0 && !list.some((each) => Array.isArray(each))) return;
  for (const [at, each] of list.entries()) {
    if (!Array.isArray(each) || inner.length === 0)
      throw new InvalidInputError(`${field}[${at}] is not as deep as the first list is`);
    requireShape(each, inner, `${field}[${at}]`);
  }
}

/** TF Serving's form of bytes. */
function withoutBase64(value: unknown): unknown {
  if (!isObject(value) || typeof value["b64"] !== "string") return value;
  return Buffer.from(value["b64"], "base64").toString("utf8");
}
