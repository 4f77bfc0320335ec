/**
 * @file A signature made ready for requests: where each input's values go, and what callers are told of inputs and outputs.
 *
 * Values of columns that hold numbers, truth values, dates or times stand row-major in one array of doubles, those that hold
 * texts row-major in one list; an input with a shape of its own has an array of its element type.
 */
import type { ModelSignature, SignatureInput, SignatureOutput } from "../../package/signature.ts";
import { valueKind, type ValueKind } from "../../package/signature.ts";
import type { Datatype, TensorMetadata } from "../inference.ts";

/** Where an input's values stand. */
export type InputGroup = "number" | "text" | "tensor";

/** An input of a model. */
export interface InputPlan {
  /** Its place among all inputs. */
  readonly at: number;
  readonly name: string;
  /** Name and datatype as JSON has them, for comparisons. */
  readonly quoted: { readonly name: Uint8Array; readonly datatype: Uint8Array };
  readonly type: SignatureInput["type"];
  readonly kind: ValueKind;
  readonly dtype: SignatureInput["dtype"];
  readonly datatype: Datatype;
  readonly required: boolean;
  readonly group: InputGroup;
  /** Its place among the inputs of its group. */
  readonly place: number;
  /** The sizes beyond the rows; -1 is any. */
  readonly shape: readonly number[];
}

/** An output of a model. */
export interface OutputPlan {
  readonly name: string;
  readonly type: SignatureOutput["type"];
  readonly datatype: Datatype;
  readonly columns: readonly string[] | undefined;
  /** The sizes beyond the rows; -1 is any. */
  readonly shape: readonly number[];
}

/** A signature made ready. */
export interface ModelPlan {
  readonly signature: ModelSignature;
  readonly inputs: readonly InputPlan[];
  readonly inputsByName: ReadonlyMap<string, InputPlan>;
  readonly outputs: readonly OutputPlan[];
  /** How many numbers, texts and tensors a row has. */
  readonly numbers: number;
  readonly texts: number;
  readonly tensors: number;
}

/** The types of the Open Inference Protocol for those of ONNX. */
export const datatypes = {
  float32: "FP32",
  float64: "FP64",
  int64: "INT64",
  int32: "INT32",
  int8: "INT8",
  uint8: "UINT8",
  bool: "BOOL",
  string: "BYTES",
} as const satisfies Record<string, Datatype>;

const outputDatatypes = {
  boolean: "BOOL",
  int64: "INT64",
  float32: "FP32",
  float64: "FP64",
  string: "BYTES",
} as const satisfies Record<SignatureOutput["type"], Datatype>;

/** Makes a signature ready for requests. */
export function planModel(signature: ModelSignature): ModelPlan {
  const counts = { number: 0, text: 0, tensor: 0 };
  const inputs = signature.inputs.map((input, at): InputPlan => {
    const { name, type, dtype, required, shape } = input;
    const kind = valueKind(type);
    const group: InputGroup = shape ? "tensor" : kind === "text" ? "text" : "number";
    return {
      at,
      name,
      quoted: {
        name: Buffer.from(JSON.stringify(name)),
        datatype: Buffer.from(JSON.stringify(datatypes[dtype])),
      },
      type,
      kind,
      dtype,
      datatype: datatypes[dtype],
      required,
      group,
      place: counts[group]++,
      shape: shape ?? [],
    };
  });
  return {
    signature,
    inputs,
    inputsByName: new Map(inputs.map((input) => [input.name, input])),
    outputs: signature.outputs.map(({ name, type, columns, shape }) => ({
      name,
      type,
      datatype: outputDatatypes[type],
      columns,
      shape: columns ? [columns.length] : (shape ?? []),
    })),
    numbers: counts.number,
    texts: counts.text,
    tensors: counts.tensor,
  };
}

/** Inputs or outputs as a model's metadata describe them. */
export function tensorMetadata(parts: readonly (InputPlan | OutputPlan)[]): readonly TensorMetadata[] {
  return parts.map(({ name, datatype, shape }) => ({ name, datatype, shape: [-1, ...shape] }));
}
