/**
 * @file A TensorFlow.js layers model on disk: `model.json` with the topology, and files of weights beside it.
 *
 * A model may come from anywhere: what is read is checked, and files are those of the model's folder only.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { confinedFile } from "../../graph/confined-path.ts";
import { arrayOfBytes, bytesPerElement, type DType } from "../../graph/dtype.ts";
import { float16Value } from "../../graph/half.ts";
import { elementCount } from "../../graph/shape.ts";
import { constant, type Value } from "../../graph/value.ts";
import { ModelFileError } from "../errors.ts";

const sizes = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const quantization = v.union([
  v.object({ dtype: v.picklist(["uint8", "uint16"]), min: v.number(), scale: v.number() }),
  v.object({ dtype: v.literal("float16") }),
]);
const weight = v.object({
  name: v.string(),
  shape: sizes,
  dtype: v.picklist(["float32", "int32", "bool"]),
  quantization: v.optional(quantization),
});
const layerObject = v.object({ class_name: v.string(), config: v.unknown() });
const topology = v.union([v.object({ model_config: layerObject }), layerObject]);
const file = v.object({
  format: v.optional(v.literal("layers-model")),
  modelTopology: topology,
  weightsManifest: v.array(v.object({ paths: v.array(v.string()), weights: v.array(weight) })),
});

/** A layer, or a model, as its configuration describes it. */
export interface LayerObject {
  readonly class_name: string;
  readonly config: unknown;
}

/** What the files of a model hold. */
export interface TfjsFiles {
  readonly topology: LayerObject;
  /** Weights by name, in TensorFlow's layout. */
  readonly weights: ReadonlyMap<string, Value>;
}

/**
 * Reads `model.json` and the weights that it names. Quantised weights become float32.
 * @throws {@link ModelFileError} where a file is missing or damaged, or isn't a layers model
 */
export async function readTfjsFiles(path: string): Promise<TfjsFiles> {
  const parsed = v.safeParse(file, parseJson(path, await read(path, path)));
  if (!parsed.success)
    throw new ModelFileError(`${path} is no layers model of TensorFlow.js: ${v.summarize(parsed.issues)}`);
  const { modelTopology, weightsManifest } = parsed.output;
  const weights = new Map<string, Value>();
  for (const group of weightsManifest) {
    const parts = await Promise.all(
      group.paths.map(async (name) => {
        const found = confinedFile(dirname(path), name);
        if ("refusal" in found) throw new ModelFileError(`${path}: ${found.refusal}`, { cause: found.cause });
        return read(found.path, path);
      }),
    );
    const bytes = new Uint8Array(Buffer.concat(parts));
    let start = 0;
    for (const spec of group.weights) {
      const length = (elementCount(spec.shape) ?? 0) * bytesPerElement[storedType(spec)];
      if (start + length > bytes.length)
        throw new ModelFileError(`${path}: the files of weights end before "${spec.name}" does`);
      if (weights.has(spec.name))
        throw new ModelFileError(`${path}: the weight "${spec.name}" is there twice`);
      weights.set(spec.name, valueOf(spec, bytes.slice(start, start + length)));
      start += length;
    }
  }
  return { topology: "model_config" in modelTopology ? modelTopology.model_config : modelTopology, weights };
}

type WeightSpec = v.InferOutput<typeof weight>;

function storedType({ dtype, quantization: stored }: WeightSpec): Exclude<DType, "string"> {
  return stored?.dtype ?? dtype;
}

function valueOf(spec: WeightSpec, bytes: Uint8Array): Value {
  const { dtype, shape, quantization: stored } = spec;
  if (!stored) return constant(dtype, arrayOfBytes(dtype, bytes), shape);
  const numbers = Array.from(arrayOfBytes(storedType(spec), bytes), Number);
  const original = (number: number): number =>
    "scale" in stored ? number * stored.scale + stored.min : float16Value(number);
  return constant("float32", Float32Array.from(numbers, original), shape);
}

async function read(path: string, model: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ModelFileError(`${model}: ${path} cannot be read`, { cause });
  }
}

function parseJson(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new ModelFileError(`${path} is no JSON`, { cause });
  }
}
