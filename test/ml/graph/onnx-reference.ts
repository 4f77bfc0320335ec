/** @file The reference models: what onnx-files.py and onnx-written.py stored. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { readReference } from "../reference.ts";

const tensorSchema = v.object({
  name: v.string(),
  dtype: v.string(),
  shape: v.array(v.number()),
  values: v.array(v.string()),
});
const valueSchema = v.object({
  name: v.string(),
  shape: v.array(v.nullable(v.union([v.number(), v.string()]))),
});
const runSchema = v.object({
  inputs: v.record(v.string(), v.array(v.number())),
  outputs: v.record(v.string(), v.object({ shape: v.array(v.number()), values: v.array(v.string()) })),
});
/** Models that onnx made, what it reads in them, and damaged ones. */
export const onnxReference = readReference(
  "onnx-files",
  v.object({
    models: v.array(
      v.object({
        name: v.string(),
        bytes: v.string(),
        tensors: v.array(tensorSchema),
        inputs: v.array(valueSchema),
        outputs: v.array(valueSchema),
        run: v.nullable(runSchema),
      }),
    ),
    external: v.object({
      bytes: v.string(),
      location: v.string(),
      weights: v.string(),
      tensors: v.array(tensorSchema),
    }),
    damaged: v.array(v.object({ name: v.string(), bytes: v.string(), checker: v.string() })),
  }),
);
/** SHA-256 of models in the form that onnx's checker took. */
export const onnxWritten = readReference(
  "onnx-written",
  v.object({ models: v.record(v.string(), v.string()) }),
);

/** Stored bytes. */
export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** The SHA-256 of bytes, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
