/** @file Layers models of TensorFlow.js as functions on tensors, like ONNX models: to be run, trained and exported. */
import { GraphError, ModelImportError } from "../../graph/errors.ts";
import type { ImportedModel, TensorsByName } from "../../graph/import-onnx.ts";
import { sameShape, showShape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import type { Value } from "../../graph/value.ts";
import { ModelFileError } from "../errors.ts";
import { findLayer, refuseLayer } from "./layer-builder.ts";
import { readTfjsFiles } from "./model-file.ts";
import { readTopology, type OutputPlace, type PlacedLayer, type Topology } from "./topology.ts";
import { inProgramLayout, isTrained, weightName, weightNames } from "./weights.ts";
import "./convert-layers.ts";
import "./convert-recurrent.ts";
import "./convert-spatial.ts";

/**
 * Reads a layers model that TensorFlow.js saved (`model.json` and files of weights): Sequential and functional models of
 * the layers that `docs/model-files.md` lists. Inputs and outputs are those of TensorFlow.js, channels last; parameters
 * have its names, but those of convolutions the layout of programs. TensorFlow.js itself is not needed.
 *
 * @throws {@link ModelFileError} where files are missing or damaged
 * @throws {@link ModelImportError} where a layer isn't supported
 * @example
 * const model = await loadTfjsModel("model/model.json");
 * const { dense_1 } = model.apply(model.parameters, { input });
 */
export async function loadTfjsModel(path: string): Promise<ImportedModel> {
  const { topology: root, weights } = await readTfjsFiles(path);
  const topology = readTopology(root);
  const trained: [string, Tensor][] = [];
  const all = new Map<string, Value>();
  for (const { kind, name: layer, isTrainable } of topology.layers.values()) {
    if (kind !== "InputLayer" && !findLayer(kind))
      throw refuseLayer({ kind, name: layer }, "this kind of layer is not supported");
    for (const name of weightNames(layer, weights.keys())) {
      const weight = weights.get(name);
      if (!weight) continue;
      const value = inProgramLayout(kind, name, weight);
      all.set(name, value);
      if (isTrainable && isTrained(name)) trained.push([name, new Tensor(value)]);
    }
  }
  return {
    inputs: topology.inputs,
    outputs: Object.fromEntries(
      topology.outputs.map(({ layer }) => [layer, { dtype: "float32", shape: undefined }]),
    ),
    parameters: Object.fromEntries(trained),
    apply: (parameters, inputs) => {
      const values = new Map(all);
      for (const [name, { value }] of trained)
        values.set(name, valueOf(parameters, "parameter", name, value));
      return new Builder(topology, values, inputs).outputs();
    },
  };
}

function valueOf(given: TensorsByName, what: string, name: string, like?: Value): Value {
  const tensor = given[name];
  if (!(tensor instanceof Tensor)) throw new GraphError(`the model's ${what} "${name}" is missing`);
  const { value } = tensor;
  if (like && (value.dtype !== like.dtype || !sameShape(value.shape, like.shape)))
    throw new GraphError(
      `the model's ${what} "${name}" is ${like.dtype} ${showShape(like.shape)}, not ${value.dtype} ${showShape(value.shape)}`,
    );
  return value;
}

class Builder {
  readonly #topology: Topology;
  readonly #weights: ReadonlyMap<string, Value>;
  readonly #inputs: TensorsByName;
  readonly #built = new Map<string, Value>();
  readonly #underWay = new Set<string>();

  constructor(topology: Topology, weights: ReadonlyMap<string, Value>, inputs: TensorsByName) {
    this.#topology = topology;
    this.#weights = weights;
    this.#inputs = inputs;
  }

  outputs(): TensorsByName {
    return Object.fromEntries(
      this.#topology.outputs.map((place) => [place.layer, new Tensor(this.#at(place))]),
    );
  }

  #at({ layer: name, call }: OutputPlace): Value {
    const key = `${name} ${call}`;
    const built = this.#built.get(key);
    if (built) return built;
    const layer = this.#topology.layers.get(name);
    if (!layer) throw new ModelFileError(`there is no layer "${name}"`);
    if (this.#underWay.has(key)) throw new ModelFileError(`the layer "${name}" depends on itself`);
    this.#underWay.add(key);
    const value = layer.kind === "InputLayer" ? this.#input(name) : this.#apply(layer, call);
    this.#built.set(key, value);
    return value;
  }

  #input(name: string): Value {
    const type = this.#topology.inputs[name];
    const value = valueOf(this.#inputs, "input", name);
    if (!type) throw new ModelFileError(`"${name}" is no input of the model`);
    const fits =
      value.dtype === type.dtype &&
      value.shape.length === type.shape.length &&
      type.shape.every((size, axis) => typeof size === "string" || size === value.shape[axis]);
    if (!fits)
      throw new GraphError(
        `the model's input "${name}" is ${type.dtype} ${showShape(type.shape)}, not ${value.dtype} ${showShape(value.shape)}`,
      );
    return value;
  }

  #apply({ kind, name, config, calls }: PlacedLayer, call: number): Value {
    const places = calls[call];
    const convert = findLayer(kind);
    if (!places || !convert) throw new ModelFileError(`the layer "${name}" is not applied ${call + 1} times`);
    const names = weightNames(name, this.#weights.keys());
    const weight = (wanted: string): Value => {
      const found = this.#weights.get(weightName(name, wanted, names));
      if (!found) throw new ModelFileError(`the weight "${wanted}" of "${name}" is missing`);
      return found;
    };
    const inputs = places.map((place) => this.#at(place));
    try {
      return convert({ kind, name, config, weight }, inputs);
    } catch (cause) {
      if (cause instanceof GraphError)
        throw new ModelImportError(`${kind} "${name}": ${cause.message}`, { cause });
      throw cause;
    }
  }
}
