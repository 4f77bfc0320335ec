/** @file The layers of a model and how they follow one another: Sequential models, and functional ones. */
import * as v from "valibot";
import { ModelImportError } from "../../graph/errors.ts";
import type { InputType } from "../../graph/export-onnx.ts";
import { ModelFileError } from "../errors.ts";
import type { LayerObject } from "./model-file.ts";

/** A layer's output: which layer, and which of its calls. */
export interface OutputPlace {
  readonly layer: string;
  readonly call: number;
}

/** A layer and what it is applied to, once for each call. */
export interface PlacedLayer {
  readonly kind: string;
  readonly name: string;
  readonly config: unknown;
  readonly isTrainable: boolean;
  readonly calls: readonly (readonly OutputPlace[])[];
}

/** A model's layers by name. */
export interface Topology {
  readonly layers: ReadonlyMap<string, PlacedLayer>;
  readonly inputs: Readonly<Record<string, InputType>>;
  readonly outputs: readonly OutputPlace[];
}

const layerConfig = v.looseObject({ name: v.string(), trainable: v.optional(v.boolean(), true) });
const batchShape = v.array(v.nullable(v.number()));
const inputConfig = v.looseObject({
  name: v.string(),
  dtype: v.optional(v.picklist(["float32", "int32"]), "float32"),
  batch_input_shape: batchShape,
});
const plainLayer = v.object({ class_name: v.string(), config: v.unknown() });
const reference = v.pipe(
  v.array(v.unknown()),
  v.transform(([layer, call, tensor]) => ({ layer, call, tensor })),
  v.object({
    layer: v.string(),
    call: v.number(),
    tensor: v.literal(0, "layers with several outputs are not supported"),
  }),
);
const functional = v.object({
  layers: v.array(
    v.object({ ...plainLayer.entries, name: v.string(), inbound_nodes: v.array(v.array(reference)) }),
  ),
  input_layers: v.array(reference),
  output_layers: v.array(reference),
});
const sequential = v.union([
  v.object({ layers: v.array(plainLayer) }),
  v.pipe(
    v.array(plainLayer),
    v.transform((layers) => ({ layers })),
  ),
]);

/**
 * The layers of a model by their configuration.
 * @throws {@link ModelFileError} where the configuration isn't as it should be
 */
export function readTopology({ class_name: kind, config }: LayerObject): Topology {
  if (kind === "Sequential") return readSequential(config);
  if (kind !== "Model" && kind !== "Functional")
    throw new ModelImportError(
      `a model of kind "${kind}" is not supported, only Sequential, Model and Functional`,
    );
  const { layers, input_layers: inputs, output_layers: outputs } = parse(functional, config);
  const placed = layers.map((layer): PlacedLayer => ({
    kind: layer.class_name,
    name: layer.name,
    config: layer.config,
    isTrainable: parse(layerConfig, layer.config).trainable,
    calls: layer.inbound_nodes,
  }));
  const byName = new Map(placed.map((layer) => [layer.name, layer]));
  if (byName.size < placed.length) throw new ModelFileError("two layers have the same name");
  const types = inputs.map(({ layer }): [string, InputType] => [layer, inputType(byName.get(layer)?.config)]);
  return { layers: byName, inputs: Object.fromEntries(types), outputs };
}

function readSequential(config: unknown): Topology {
  const { layers } = parse(sequential, config);
  const [first] = layers;
  if (!first) throw new ModelFileError("the model has no layers");
  const isInput = first.class_name === "InputLayer";
  const input = isInput ? parse(layerConfig, first.config).name : "input";
  const placed = new Map<string, PlacedLayer>();
  let before = input;
  for (const { class_name: kind, config: own } of isInput ? layers.slice(1) : layers) {
    const { name, trainable } = parse(layerConfig, own);
    if (placed.has(name) || name === input) throw new ModelFileError(`two layers have the name "${name}"`);
    placed.set(name, {
      kind,
      name,
      config: own,
      isTrainable: trainable,
      calls: [[{ layer: before, call: 0 }]],
    });
    before = name;
  }
  placed.set(input, { kind: "InputLayer", name: input, config: first.config, isTrainable: false, calls: [] });
  return {
    layers: placed,
    inputs: { [input]: inputType(first.config) },
    outputs: [{ layer: before, call: 0 }],
  };
}

/** Sizes that are open are names; the first is the batch's. */
function inputType(config: unknown): InputType {
  const { name, dtype, batch_input_shape: shape } = parse(inputConfig, config);
  return { dtype, shape: shape.map((size, axis) => size ?? (axis === 0 ? "batch" : `${name}.${axis}`)) };
}

function parse<const Schema extends v.GenericSchema>(schema: Schema, config: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, config);
  if (!parsed.success)
    throw new ModelFileError(`the model's topology is not as it should be: ${v.summarize(parsed.issues)}`);
  return parsed.output;
}
