/** @file An OpenAPI 3.1 document of the models that are served, made of their signatures. */
import type { ModelPlan, InputPlan, OutputPlan } from "../plan/model-plan.ts";
import { columnNames } from "./json-rows.ts";

/** A model in the document. */
export interface DescribedModel {
  readonly name: string;
  readonly plan: ModelPlan;
}

type Json = Readonly<Record<string, unknown>>;

const numbers = { type: "number" };

/** JSON Schema of a value of a column. */
function valueSchema({ kind, required }: InputPlan): Json {
  const schema: Record<InputPlan["kind"], Json> = {
    boolean: { type: "boolean" },
    integer: { type: "integer" },
    float: numbers,
    text: { type: "string" },
    date: { type: "string", format: "date" },
    timestamp: { type: "string", format: "date-time" },
  };
  const { type, ...more } = schema[kind];
  return required ? { type, ...more } : { type: [type, "null"], ...more };
}

/** JSON Schema of a value of an output, or an element of a tensor. */
function elementSchema(datatype: string): Json {
  if (datatype === "BYTES") return { type: "string" };
  if (datatype === "BOOL") return { type: "boolean" };
  return datatype.startsWith("FP") ? numbers : { type: "integer" };
}

function nested(items: Json, depth: number): Json {
  return depth === 0 ? items : { type: "array", items: nested(items, depth - 1) };
}

const exampleValues = {
  boolean: true,
  integer: 1,
  float: 1.5,
  text: "text",
  date: "2026-01-31",
  timestamp: "2026-01-31T12:00:00",
};

/** An element of a tensor as an example. */
function exampleElement({ datatype }: InputPlan): unknown {
  if (datatype === "BYTES") return "text";
  return datatype === "BOOL" ? true : 0;
}

function exampleTensor(input: InputPlan): Json {
  const { name, datatype, kind, group } = input;
  if (group !== "tensor") {
    const isTime = kind === "date" || kind === "timestamp";
    return {
      name,
      shape: [1],
      datatype: isTime ? "BYTES" : datatype,
      data: [exampleValues[kind]],
    };
  }
  const shape = [1, ...input.shape.map((size) => Math.max(size, 1))];
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape,
    datatype,
    data: Array.from({ length: Math.min(count, 4096) }, () => exampleElement(input)),
  };
}

/** A request of the Open Inference Protocol that a model takes. */
export function exampleRequest(plan: ModelPlan): Json {
  return { inputs: plan.inputs.map(exampleTensor) };
}

function tensorSchema(input: InputPlan | OutputPlan): Json {
  return {
    type: "object",
    required: ["name", "shape", "datatype", "data"],
    properties: {
      name: { const: input.name },
      shape: { type: "array", items: { type: "integer", minimum: 0 } },
      // Dates and times may be ISO texts too.
      datatype:
        "kind" in input && (input.kind === "date" || input.kind === "timestamp")
          ? { enum: [input.datatype, "BYTES"] }
          : { const: input.datatype },
      data: { type: "array" },
    },
  };
}

function answers(schema: Json): Json {
  const failure = {
    description: "What is wrong with the request, or why there is no answer",
    content: {
      "application/json": { schema: { type: "object", properties: { error: { type: "string" } } } },
    },
  };
  return {
    "200": { description: "The model's answer", content: { "application/json": { schema } } },
    default: failure,
  };
}

function inferOperation({ name, plan }: DescribedModel): Json {
  const schema = {
    type: "object",
    required: ["inputs"],
    properties: {
      id: { type: "string" },
      inputs: { type: "array", items: { anyOf: plan.inputs.map(tensorSchema) } },
      outputs: {
        type: "array",
        items: {
          type: "object",
          required: ["name"],
          properties: { name: { enum: plan.outputs.map((output) => output.name) } },
        },
      },
      parameters: { type: "object" },
    },
  };
  return {
    post: {
      operationId: `infer_${name}`,
      summary: `Ask ${name} by the Open Inference Protocol v2`,
      tags: [name],
      requestBody: {
        required: true,
        content: { "application/json": { schema, example: exampleRequest(plan) } },
      },
      responses: answers({
        type: "object",
        required: ["model_name", "outputs"],
        properties: {
          model_name: { type: "string" },
          model_version: { type: "string" },
          id: { type: "string" },
          outputs: { type: "array", items: { anyOf: plan.outputs.map(tensorSchema) } },
        },
      }),
    },
  };
}

function rowSchema(plan: ModelPlan): Json {
  return {
    type: "object",
    required: plan.inputs.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(
      plan.inputs.map((input) => [
        input.name,
        input.group === "tensor"
          ? nested(elementSchema(input.datatype), input.shape.length)
          : valueSchema(input),
      ]),
    ),
  };
}

/** An input's value in a row, as an example. */
function exampleValue(input: InputPlan): unknown {
  if (input.group !== "tensor") return exampleValues[input.kind];
  return input.shape.reduceRight<unknown>(
    (inner, size) => Array.from({ length: Math.min(Math.max(size, 1), 64) }, () => inner),
    exampleElement(input),
  );
}

/** `generate`, or `generate_stream`, whose events have one part of the answer each. */
function generateOperation({ name, plan }: DescribedModel, isStream: boolean): Json {
  const row = rowSchema(plan);
  const inputs = Object.entries(Object(row["properties"])).map(([input, value]) => {
    const rows = { type: "array", items: value };
    // What is a list itself is no row by itself.
    return [input, plan.inputsByName.get(input)?.group === "tensor" ? rows : { anyOf: [value, rows] }];
  });
  const schema = {
    type: "object",
    required: row["required"],
    properties: { id: { type: "string" }, parameters: { type: "object" }, ...Object.fromEntries(inputs) },
  };
  const example = Object.fromEntries(
    plan.inputs.map((input) => [
      input.name,
      input.group === "tensor" ? [exampleValue(input)] : exampleValue(input),
    ]),
  );
  const part = {
    type: "object",
    required: ["model_name", ...plan.outputs.map((output) => output.name)],
    properties: { model_name: { type: "string" }, model_version: { type: "string" }, id: { type: "string" } },
  };
  const json = answers(part);
  const events = {
    description: "The answer in parts: the data of each event is an object of values by output",
    content: { "text/event-stream": { schema: { type: "string" } } },
  };
  return {
    post: {
      operationId: `${isStream ? "generate_stream" : "generate"}_${name}`,
      summary: isStream
        ? `Ask ${name} for an answer in parts, as server-sent events`
        : `Ask ${name} by values of its inputs`,
      tags: [name],
      requestBody: { required: true, content: { "application/json": { schema, example } } },
      responses: isStream ? { ...json, "200": events } : json,
    },
  };
}

function predictOperation({ name, plan }: DescribedModel): Json {
  const row = Object.fromEntries(plan.inputs.map((input) => [input.name, exampleValue(input)]));
  return {
    post: {
      operationId: `predict_${name}`,
      summary: `Ask ${name} by TF Serving's API: ${columnNames(plan).slice(0, 20).join(", ")}`,
      tags: [name],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: {
              type: "object",
              required: ["instances"],
              properties: { instances: { type: "array", items: rowSchema(plan) } },
            },
            example: { instances: [row] },
          },
        },
      },
      responses: answers({ type: "object", properties: { predictions: { type: "array" } } }),
    },
  };
}

/** The document. */
export function openApiDocument(models: readonly DescribedModel[], version: string): Json {
  const simple = (summary: string): Json => ({
    get: { summary, responses: { "200": { description: "Yes" } } },
  });
  const paths: Record<string, Json> = {
    "/v2/health/live": simple("Whether the server runs"),
    "/v2/health/ready": simple("Whether all models are loaded"),
  };
  for (const model of models) {
    const name = encodeURIComponent(model.name);
    paths[`/v2/models/${name}`] = simple(`What ${model.name} takes and gives`);
    paths[`/v2/models/${name}/infer`] = inferOperation(model);
    paths[`/v2/models/${name}/generate`] = generateOperation(model, false);
    paths[`/v2/models/${name}/generate_stream`] = generateOperation(model, true);
    paths[`/v1/models/${name}:predict`] = predictOperation(model);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Models", version, description: "Models served by Tenon." },
    paths,
  };
}
