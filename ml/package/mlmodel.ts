/** @file The file `MLmodel`: MLflow's description of a model directory, in YAML. */
import * as v from "valibot";
import { stringify } from "yaml";
import { InvalidInputError } from "../errors.ts";
import { readModel } from "../model-json.ts";
import { parseYaml } from "../yaml-text.ts";
import { encryptionFormats } from "./encryption/file-cipher.ts";
import { pythonPackages, pythonVersion } from "./mlflow-environment.ts";
import { loaderModule } from "./pyfunc-loader.ts";
import {
  flatNames,
  givesTensors,
  takesTensors,
  valueKind,
  type ModelSignature,
  type SignatureInput,
} from "./signature.ts";

/** Tenon's own part of `MLmodel`: the files of the package, by what they hold. */
const tenonFlavor = v.object({
  version: v.literal(1),
  signature: v.string(),
  pipeline: v.optional(v.string()),
  replay: v.optional(v.string()),
  evidence: v.string(),
  lineage: v.string(),
  /** What the graph, the pipeline and the recorded rows are encrypted by. */
  encryption: v.optional(v.picklist(encryptionFormats)),
});

const mlModelSchema = v.object({
  flavors: v.object({
    onnx: v.object({ data: v.string() }),
    tenon: tenonFlavor,
  }),
  model_uuid: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "it must be 32 hexadecimal digits")),
  utc_time_created: v.string(),
});

/** What is read of an `MLmodel` file. */
export type MlModel = v.InferOutput<typeof mlModelSchema>;

/** What is written into an `MLmodel` file. */
export interface MlModelContent {
  readonly signature: ModelSignature;
  readonly files: v.InferInput<typeof tenonFlavor>;
  /** The file of the graph. */
  readonly graph: string;
  readonly hasExample: boolean;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly created: Date;
  /** The size of all other files. */
  readonly bytes: number;
}

/** The text of an `MLmodel` file. */
export function mlModelText(content: MlModelContent): string {
  const { signature, files, graph, hasExample, id, created, bytes } = content;
  const description = {
    flavors: {
      onnx: {
        code: null,
        data: graph,
        onnx_session_options: null,
        onnx_version: pythonPackages.onnx,
        providers: ["CPUExecutionProvider"],
      },
      // What is encrypted, MLflow can't load, and says so where this flavor is missing.
      ...(files.encryption === undefined && {
        python_function: {
          code: "code",
          env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
          loader_module: loaderModule,
          python_version: pythonVersion,
        },
      }),
      tenon: files,
    },
    mlflow_version: pythonPackages.mlflow,
    model_size_bytes: bytes,
    model_uuid: id,
    ...(hasExample && {
      saved_input_example_info: {
        artifact_path: "input_example.json",
        pandas_orient: "split",
        serving_input_path: "serving_input_example.json",
        type: "dataframe",
      },
    }),
    signature: {
      inputs: JSON.stringify(
        takesTensors(signature)
          ? signature.inputs.map(({ name, dtype, shape }) => tensorSpec(name, dtype, shape ?? []))
          : signature.inputs.map(mlflowInput),
      ),
      outputs: JSON.stringify(mlflowOutputs(signature)),
      params: null,
    },
    utc_time_created: created.toISOString().replace("T", " ").replace("Z", "000"),
  };
  // As YAML 1.1, which MLflow reads: dates are quoted, or it would take them for dates.
  return stringify(description, { version: "1.1", lineWidth: 0 });
}

/**
 * What an `MLmodel` file holds.
 * @throws {@link InvalidInputError} where it is no YAML of that form, or another version's
 */
export function parseMlModel(text: string): MlModel {
  const json = parseYaml("model description", text);
  const flavors: unknown = Object(json).flavors;
  if (typeof flavors === "object" && flavors !== null && !Object.hasOwn(flavors, "tenon"))
    throw new InvalidInputError(
      `this model was not written by Tenon: its flavors are ${Object.keys(flavors).join(", ")}`,
    );
  return readModel("model description", mlModelSchema, json);
}

/** MLflow's types of columns, which it casts rows of JSON to and data frames are held against. */
function mlflowInput({ name, type, dtype, required }: SignatureInput): object {
  const kind = valueKind(type);
  // MLflow would make false of a truth value that is missing, and refuse a missing whole number.
  if (kind === "boolean") return { type: dtype === "bool" ? "boolean" : "any", name, required };
  if (kind === "integer") return { type: dtype === "int64" ? "long" : "double", name, required };
  if (kind === "float") return { type: "double", name, required };
  return { type: kind === "text" ? "string" : "datetime", name, required };
}

const mlflowOutputTypes = {
  boolean: "boolean",
  int64: "long",
  float32: "float",
  float64: "double",
  string: "string",
} as const;

/** MLflow's form of a tensor, in numpy's names of types. */
function tensorSpec(name: string, dtype: string, sizes: readonly number[]): object {
  const numpy = dtype === "string" ? "str" : dtype;
  return { name, type: "tensor", "tensor-spec": { dtype: numpy, shape: [-1, ...sizes] } };
}

const numpyOutputTypes = {
  boolean: "bool",
  int64: "int64",
  float32: "float32",
  float64: "float64",
  string: "str",
} as const;

function mlflowOutputs(signature: ModelSignature): readonly object[] {
  const { outputs } = signature;
  // MLflow has tensors or columns, not both: a graph of tensors gives arrays by name.
  if (givesTensors(signature))
    return outputs.map(({ name, type, columns, shape }) =>
      tensorSpec(name, numpyOutputTypes[type], columns ? [columns.length] : (shape ?? [])),
    );
  return outputs.flatMap((output) =>
    flatNames(output).map((name) => ({ type: mlflowOutputTypes[output.type], name, required: true })),
  );
}
