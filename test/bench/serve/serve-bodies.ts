/** @file The requests that servers are given: many different ones of each form. */
import { writeFileSync } from "node:fs";
import { readProto } from "../../ml/serve/grpc/grpc-client.ts";
import { columns, makeRows, type ServedModel } from "./serve-models.ts";

/** The forms of a request. */
export const forms = [
  "1 row JSON",
  "100 rows JSON",
  "100 rows binary",
  "1 row gRPC",
  "100 rows gRPC",
] as const;

export type Form = (typeof forms)[number];

/** Who reads the bodies: the Open Inference Protocol, BentoML, or MLflow. */
export type Dialect = "oip" | "bentoml" | "mlflow";

/** Requests in a file, each behind its length. */
export interface Bodies {
  readonly file: string;
  readonly rows: number;
  readonly contentType: string;
  /** The length of the JSON before binary tensors. */
  readonly headerLength: number | undefined;
  readonly first: Uint8Array;
}

/** Writes the requests of a form. */
export function writeBodies(file: string, form: Form, dialect: Dialect, model: ServedModel): Bodies {
  const rows = form.startsWith("1 ") ? 1 : 100;
  const count = rows === 1 ? 4096 : 256;
  const values = makeRows(rows * count);
  let headerLength: number | undefined;
  const bodies = Array.from({ length: count }, (_, at): Uint8Array => {
    const part = values.slice(at * rows * columns, (at + 1) * rows * columns);
    if (form.endsWith("gRPC")) return grpcMessage(model, rows, part);
    if (form.endsWith("binary")) {
      const [head, body] = binaryBody(rows, part);
      headerLength = head;
      return body;
    }
    return Buffer.from(JSON.stringify(jsonBody(dialect, rows, numbersOf(part))));
  });
  writeFileSync(file, Buffer.concat(bodies.flatMap((body) => [Buffer.from(`${body.length}\n`), body])));
  const contentType = form.endsWith("binary") ? "application/octet-stream" : "application/json";
  return { file, rows, contentType, headerLength, first: bodies[0] ?? new Uint8Array(0) };
}

/** With the digits that people send, not all of a float32's. */
const numbersOf = (part: Float32Array): number[] =>
  Array.from(part, (value) => Math.round(value * 1e4) / 1e4);

function jsonBody(dialect: Dialect, rows: number, data: readonly number[]): object {
  if (dialect === "oip") return { inputs: [{ name: "x", shape: [rows, columns], datatype: "FP32", data }] };
  const lists = Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns));
  return dialect === "bentoml" ? { rows: lists } : { inputs: { x: lists } };
}

function binaryBody(rows: number, part: Float32Array): readonly [head: number, body: Uint8Array] {
  const parameters = { binary_data_size: part.byteLength };
  const inputs = [{ name: "x", shape: [rows, columns], datatype: "FP32", parameters }];
  const outputs = [{ name: "y", parameters: { binary_data: true } }];
  const head = Buffer.from(JSON.stringify({ inputs, outputs }));
  return [head.length, Buffer.concat([head, Buffer.from(part.buffer, part.byteOffset, part.byteLength)])];
}

const request = readProto("open_inference.proto").lookupType("inference.ModelInferRequest");

function grpcMessage(model: ServedModel, rows: number, part: Float32Array): Uint8Array {
  const message = {
    model_name: model,
    inputs: [{ name: "x", datatype: "FP32", shape: [rows, columns] }],
    raw_input_contents: [Buffer.from(part.buffer, part.byteOffset, part.byteLength)],
  };
  return request.encode(request.fromObject(message)).finish();
}
